"""What one transaction has to do with others, and whether its hash holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.hashing import GENESIS, chain_hash
from ledger.models import Transaction


@dataclass(frozen=True)
class Connections:
    """The other side of a transfer, what it reverses, what reverses it; and whether its hash is what it has to be."""

    other_side: Transaction | None
    reverses: Transaction | None
    reversed_by: Sequence[Transaction]
    hash_holds: bool


def connections(row: Transaction) -> Connections:
    """What `row` is connected with, by four index look-ups."""
    rows = Transaction.objects.prefetch_related("wallet")
    before = Transaction.objects.filter(wallet_id=row.wallet_id, sequence=row.sequence - 1)
    previous = GENESIS if row.sequence == 1 else before.values_list("hash", flat=True).first()
    reverses = row.kind == "REVERSAL" and row.concerns is not None
    return Connections(
        other_side=rows.filter(reference_id=row.reference_id).exclude(pk=row.pk).first(),
        reverses=rows.filter(transaction_id=row.concerns).first() if reverses else None,
        reversed_by=list(rows.filter(concerns=row.transaction_id).order_by("pk")),
        hash_holds=previous is not None and chain_hash(previous, row) == row.hash,
    )
