"""Writing the ledger: rows are added, nothing else."""

from collections.abc import Sequence

from ledger.models import Transaction


def record(rows: Sequence[Transaction]) -> None:
    """Write new rows, all in one statement, in the caller's database transaction; each gets its primary key."""
    if len(rows) == 1:
        rows[0].save(force_insert=True)
        return
    Transaction.objects.bulk_create(rows)
    if rows[0].pk is None:  # MySQL, unlike MariaDB and SQLite, does not say which keys a many-row insert was given
        by_id = dict(
            Transaction.objects.filter(transaction_id__in=[row.transaction_id for row in rows]).values_list(
                "transaction_id", "pk"
            )
        )
        for row in rows:
            row.pk = by_id[row.transaction_id]
