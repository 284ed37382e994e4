"""Reading wallets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from operator import itemgetter, or_
from typing import Any
from uuid import UUID

from django.db.models import Case, Q, When

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

_SHOWN = ("transaction_id", "type", "amount", "status", "reference_id", "failure_reason", "created_at")
_COLUMNS = (*_SHOWN, "sequence", "balance_after", "hash")
_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WalletHead:
    """A wallet's balance, and number and hash of the row that left it; the hash is one of all rows before it too."""

    balance: Decimal
    sequence: int
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


def wallet_head(user_id: int) -> WalletHead:
    """The balance and the head of the wallet's chain. Raises WalletNotFound.

    In a lane, one statement answers all who ask at once.
    """
    head: WalletHead | None = share(user_id, _heads, _head)
    if head is None:
        raise WalletNotFound
    return head


def wallet_details(user_id: int, head: WalletHead) -> WalletDetails:
    """The 10 newest transactions, newest first, and the balance that the newest of them left.

    `head` is as it was read a moment ago: what has moved since is shown too. A hold that was placed is none of them: it
    moved nothing, and has not failed. One statement reads all, so that it is of one moment also while others write; in
    a lane, it answers all who ask at once.
    """
    details: WalletDetails = share((user_id, head), _details, _detail)
    return details


def _heads(user_ids: Sequence[int]) -> list[WalletHead | None]:
    found = {user_id: WalletHead(*rest) for user_id, *rest in _with_head.rows(sorted(set(user_ids)))}
    return [found.get(user_id) for user_id in user_ids]


def _head(user_id: int) -> WalletHead | None:
    return _heads([user_id])[0]


def _details(asked: Sequence[tuple[int, WalletHead]]) -> list[WalletDetails]:
    after = {user_id: head.sequence - NEWEST for user_id, head in asked if head.sequence}
    rows: dict[int, list[_Row]] = {user_id: [] for user_id in after}
    for user_id, *columns in _newest.rows([value for pair in after.items() for value in pair]):
        rows[user_id].append(dict(zip(_COLUMNS, columns, strict=True)))
    return [_from_rows(user_id, head, rows.get(user_id, []), after.get(user_id, 0)) for user_id, head in asked]


def _detail(asked: tuple[int, WalletHead]) -> WalletDetails:
    return _details([asked])[0]


def _from_rows(user_id: int, head: WalletHead, rows: list[_Row], after: int) -> WalletDetails:
    """The details of a wallet of which `rows` are all that come after this sequence."""
    rows.sort(key=itemgetter("sequence"), reverse=True)
    if rows and rows[0]["hash"] != head.head_hash:
        head = WalletHead(rows[0]["balance_after"], rows[0]["sequence"], rows[0]["hash"])
    shown = [row for row in rows if row["status"] != Status.HELD]
    if len(shown) < NEWEST and after > 0:  # what comes before is as it was, whoever writes meanwhile
        shown += [dict(zip(_COLUMNS, columns, strict=True)) for columns in _older.rows([user_id, after])]
    return WalletDetails(head, [{name: row[name] for name in _SHOWN} for row in shown[:NEWEST]])


_with_head = Prepared(
    lambda user_ids: Wallet.objects.filter(pk__in=user_ids).values_list("pk", "balance", "sequence", "head_hash")
)
_newest = Prepared(
    lambda values: (
        Transaction.objects.filter(
            reduce(or_, (Q(wallet_id=values[at], sequence__gt=values[at + 1]) for at in range(0, len(values), 2)))
        )
        .order_by()
        .values_list("wallet_id", *_COLUMNS)
    )
)
_older = Prepared(
    lambda values: (
        Transaction.objects.filter(wallet_id=values[0], sequence__lte=values[1])
        .exclude(status=Status.HELD)
        .order_by("-sequence")
        .values_list(*_COLUMNS)[:NEWEST]
    )
)
