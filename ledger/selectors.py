"""Reading the ledger."""

from collections.abc import Iterable

from ledger.models import Transaction


def by_reference(references: Iterable[str]) -> dict[str, Transaction]:
    """The first row (leg 0) that each of these references wrote, by reference; those never used are absent."""
    rows = Transaction.objects.filter(reference_id__in=set(references), leg=0)
    return {row.reference_id: row for row in rows}
