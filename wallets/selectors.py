"""Reading wallets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Case, When

from ledger.fields import MoneyField, MoneySum
from ledger.models import Status, Transaction, Type
from ledger.prepared import Prepared
from wallets.exceptions import HoldNotFound, TransactionNotFound, WalletNotFound
from wallets.lanes import share
from wallets.limits import DAY, MONTH, Spent
from wallets.models import Hold, Wallet
from wallets.operations import Capture, Debit, Reversal, Transfer

NEWEST = 10
SPENDING = (Debit.kind, Transfer.kind, Capture.kind)  # what daily and monthly limits count

_COLUMNS = ("transaction_id", "type", "amount", "status", "reference_id", "failure_reason", "created_at")


@dataclass(frozen=True, slots=True)
class WalletHead:
    """A wallet's balance, and the hash of the row that left it, which is the hash of all that came before too."""

    balance: Decimal
    head_hash: str


@dataclass(frozen=True, slots=True)
class WalletDetails:
    """A wallet's head and its newest transactions, of one moment; each a dict of the columns the API shows."""

    head: WalletHead
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
        head = _heads([user_id])[0]
        if head is None:
            raise WalletNotFound
        found = _newest.rows([user_id])
        if not found:  # still nothing: so nothing has moved before the balance was read
            return WalletDetails(head, [])
    balance, head_hash = found[0][:2]
    return WalletDetails(WalletHead(balance, head_hash), [dict(zip(_COLUMNS, row[2:], strict=True)) for row in found])


def wallet_head(user_id: int) -> WalletHead:
    """The balance and the head of the wallet's chain. Raises WalletNotFound.

    In a lane, one statement answers all who ask at once.
    """
    head: WalletHead | None = share(user_id, _heads, _alone)
    if head is None:
        raise WalletNotFound
    return head


def _heads(user_ids: Sequence[int]) -> list[WalletHead | None]:
    found = {user_id: WalletHead(*rest) for user_id, *rest in _with_head.rows(sorted(set(user_ids)))}
    return [found.get(user_id) for user_id in user_ids]


def _alone(user_id: int) -> WalletHead | None:
    return _heads([user_id])[0]


_with_head = Prepared(lambda user_ids: Wallet.objects.filter(pk__in=user_ids).values_list("pk", "balance", "head_hash"))
_newest = Prepared(
    lambda user_ids: (
        Transaction.objects.filter(wallet_id=user_ids[0])
        .exclude(status=Status.HELD)
        .order_by("-sequence")
        .values_list("wallet__balance", "wallet__head_hash", *_COLUMNS)[:NEWEST]
    )
)
