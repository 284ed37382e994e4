"""Reading wallets."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, When

from ledger.fields import MoneyField, MoneySum
from ledger.models import Status, Transaction, Type
from ledger.prepared import Prepared
from wallets.exceptions import HoldNotFound, TransactionNotFound, WalletNotFound
from wallets.limits import DAY, MONTH, Spent
from wallets.models import Hold, Wallet
from wallets.operations import Capture, Debit, Reversal, Transfer

NEWEST = 10
SPENDING = (Debit.kind, Transfer.kind, Capture.kind)  # what daily and monthly limits count

_COLUMNS = ("transaction_id", "type", "amount", "status", "reference_id", "failure_reason", "created_at")


@dataclass(frozen=True, slots=True)
class WalletDetails:
    """A wallet's balance and its newest transactions, of one moment; each a dict of the columns the API shows."""

    balance: Decimal
    transactions: list[dict[str, object]]


def require_hold(hold_id: UUID) -> Hold:
    """The hold, as it is without a lock. Raises HoldNotFound."""
    hold = Hold.objects.filter(pk=hold_id).first()
    if hold is None:
        raise HoldNotFound
    return hold


def require_transaction(transaction_id: UUID) -> Transaction:
    """The transaction. Raises TransactionNotFound."""
    transaction: Transaction | None = Transaction.objects.filter(transaction_id=transaction_id).first()
    if transaction is None:
        raise TransactionNotFound
    return transaction


def reversed_amounts(transaction_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """How much of each of these transactions was reversed, in its wallet's currency; those of which nothing was are
    absent.
    """
    rows = Transaction.objects.filter(concerns__in=transaction_ids, kind=Reversal.kind, status=Status.SUCCESS)
    return dict(rows.order_by().values_list("concerns").annotate(MoneySum("amount")))


def spent_by(user_id: int, now: datetime) -> Spent:
    """What the user spent within a day and a month, by the index on (wallet, created_at)."""
    rows = Transaction.objects.filter(
        wallet_id=user_id, status=Status.SUCCESS, type=Type.DEBIT, kind__in=SPENDING, created_at__gt=now - MONTH
    )
    today = Case(When(created_at__gt=now - DAY, then="amount"), output_field=MoneyField())
    sums = rows.aggregate(day=MoneySum(today), month=MoneySum("amount"))
    return Spent(sums["day"] or Decimal(0), sums["month"] or Decimal(0))


def wallet_details(user_id: int) -> WalletDetails:
    """The balance and the 10 newest transactions, newest first. Raises WalletNotFound.

    A hold that was placed is none of them: it moved nothing, and has not failed. One statement reads both, so that the
    balance is what the newest of these transactions left, also while others write: on every engine here a single
    statement sees a single moment. It starts from the transactions, because from the wallet, joined with all that it
    has, MariaDB sorts them all.
    """
    found = _newest.rows([user_id])
    if not found:
        balance = Wallet.objects.values_list("balance", flat=True).filter(pk=user_id).first()
        if balance is None:
            raise WalletNotFound
        found = _newest.rows([user_id])
        if not found:  # still nothing: so nothing has moved before the balance was read
            return WalletDetails(balance, [])
    return WalletDetails(balance=found[0][0], transactions=[dict(zip(_COLUMNS, row[1:], strict=True)) for row in found])


_newest = Prepared(
    lambda user_ids: (
        Transaction.objects.filter(wallet_id=user_ids[0])
        .exclude(status=Status.HELD)
        .order_by("-sequence")
        .values_list("wallet__balance", *_COLUMNS)[:NEWEST]
    )
)
