"""What one row says of another: the other side of a transfer, what a reversal reverses, what a hold was placed for.

Each check is one statement, which sees one moment, or counts only rows up to a sequence that was read together with
what they are held against: so it holds while others write.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from ledger.fields import MoneySum
from ledger.models import HOLD, Status, Transaction
from ledger.proof import Finding
from ledger.selectors import all_wallets

AT_A_TIME = 1000
MOST = 1000  # findings of a kind


def check_counterparts() -> Iterator[Finding]:
    """Whatever does not fit, of the whole ledger."""
    yield from _missing_sides()
    yield from _excessive_reversals()
    yield from _holds_against_rows()
    yield from _held_against_holds()


def _missing_sides() -> Iterator[Finding]:
    """Rows of two wallets whose other side is not there, or is another amount."""
    rows = Transaction.objects.filter(counterparty__isnull=False, status=Status.SUCCESS)
    other = Transaction.objects.filter(
        reference_id=OuterRef("reference_id"),
        wallet_id=OuterRef("counterparty"),
        counterparty=OuterRef("wallet_id"),
        amount=OuterRef("amount"),
        status=Status.SUCCESS,
    ).exclude(leg=OuterRef("leg"))
    for row in rows.filter(~Exists(other)).order_by()[:MOST]:
        yield Finding(row.wallet_id, row.sequence, "other side", f"of {row.reference_id} and {row.amount}", "none")


def _excessive_reversals() -> Iterator[Finding]:
    reversals = Transaction.objects.filter(kind="REVERSAL", status=Status.SUCCESS)
    sums = reversals.order_by("concerns").values_list("concerns").annotate(MoneySum("amount"))
    for page in _pages(sums.iterator(chunk_size=AT_A_TIME)):
        originals = Transaction.objects.in_bulk([key for key, _ in page], field_name="transaction_id")
        for transaction_id, amount in page:
            original = originals.get(transaction_id)
            if original is None:
                yield Finding(None, None, f"transaction {transaction_id}, which was reversed", "to be there", "none")
            elif amount > original.amount:
                yield Finding(
                    original.wallet_id, original.sequence, "reversed", f"at most {original.amount}", f"{amount:.4f}"
                )


def _holds_against_rows() -> Iterator[Finding]:
    """Each hold was placed by a row of its amount, and captured by rows that come to what it says."""
    holds = all_wallets().filter(holds__isnull=False).order_by("holds__pk")
    columns = ("holds__pk", "holds__amount", "holds__captured", "pk", "sequence")
    for page in _pages(holds.values_list(*columns).iterator(chunk_size=AT_A_TIME)):
        placed: defaultdict[UUID, Decimal] = defaultdict(Decimal)
        captured: defaultdict[UUID, Decimal] = defaultdict(Decimal)
        newest = {hold_id: sequence for hold_id, *_, sequence in page}
        rows = Transaction.objects.filter(concerns__in=newest, kind__in=[HOLD, "CAPTURE"]).exclude(status=Status.FAILED)
        for hold_id, kind, amount, sequence in rows.values_list("concerns", "kind", "amount", "sequence"):
            if sequence <= newest[hold_id]:
                (placed if kind == HOLD else captured)[hold_id] += amount
        for hold_id, amount, taken, user_id, _ in page:
            if amount != placed[hold_id]:
                yield Finding(user_id, None, f"amount of hold {hold_id}", f"{placed[hold_id]:.4f}", f"{amount:.4f}")
            if taken != captured[hold_id]:
                yield Finding(user_id, None, f"captured of hold {hold_id}", f"{captured[hold_id]:.4f}", f"{taken:.4f}")


def _held_against_holds() -> Iterator[Finding]:
    """What a wallet holds is what its open holds have left."""
    holding = all_wallets().filter(holds__status="OPEN").order_by("pk").values_list("pk", "held")
    sums = holding.annotate(MoneySum("holds__amount"), MoneySum("holds__captured"))
    for user_id, held, amount, captured in sums.iterator(chunk_size=AT_A_TIME):
        if held != amount - captured:
            yield Finding(user_id, None, "held", f"{amount - captured:.4f}", f"{held:.4f}")
    open_holds = all_wallets().filter(pk=OuterRef("pk"), holds__status="OPEN")
    nothing_open = all_wallets().filter(~Exists(open_holds)).exclude(held=0)
    for user_id, held in nothing_open.values_list("pk", "held")[:MOST]:
        yield Finding(user_id, None, "held", "0.0000", f"{held:.4f}")


def _pages(rows: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while page := list(islice(iterator, AT_A_TIME)):
        yield page
