"""Writing the ledger: rows are added, nothing else."""

from collections.abc import Sequence

from ledger.models import Transaction


def record(rows: Sequence[Transaction]) -> None:
    """Write new rows, all in one statement, in the caller's database transaction."""
    Transaction.objects.bulk_create(rows)
