"""Writing the ledger: rows are added, nothing else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections, models

from ledger.models import Transaction

_FIELDS = [field for field in Transaction._meta.local_concrete_fields if not field.primary_key]
# Text, whole numbers and what names another row are written as they are; asking the field takes as long as writing it.
_AS_THEY_ARE = (models.CharField, models.IntegerField, models.ForeignKey)
_COLUMNS = [(field, field.attname, isinstance(field, _AS_THEY_ARE)) for field in _FIELDS]
_BLANK = {field.attname: field.get_default() for field in Transaction._meta.concrete_fields}
_NAMES = ", ".join(str(field.column) for field in _FIELDS)
_VALUES = f"({', '.join(['%s'] * len(_FIELDS))})"
# SQLite takes 32,766 values in one statement.
_MOST_ROWS = 1000


def record(rows: Sequence[Transaction]) -> None:
    """Write new rows in the caller's database transaction; each gets its primary key.

    In SQL, because the ORM's `bulk_create` takes three times as long; each value is what its field makes of it.
    """
    for start in range(0, len(rows), _MOST_ROWS):
        _insert(rows[start : start + _MOST_ROWS])


def new_row(**columns: Any) -> Transaction:
    """A row that is not written yet, of these columns and the defaults of the others.

    By position, because Django takes twice as long for names.
    """
    return Transaction(*(_BLANK | columns).values())


def _insert(rows: Sequence[Transaction]) -> None:
    connection = connections[DEFAULT_DB_ALIAS]  # and not its proxy, which is asked for each value
    sql = f"INSERT INTO transactions ({_NAMES}) VALUES {', '.join([_VALUES] * len(rows))}"  # noqa: S608  # no text of a caller's
    moments: dict[datetime, Any] = {}  # of which one posting has one

    def written(field: Any, value: Any) -> Any:
        if isinstance(value, datetime):
            if value not in moments:
                moments[value] = field.get_db_prep_save(value, connection)
            return moments[value]
        return field.get_db_prep_save(value, connection)

    values = [
        value if as_it_is or value is None else written(field, value)
        for row in rows
        for field, name, as_it_is in _COLUMNS
        for value in (getattr(row, name),)
    ]
    says_keys = connection.features.can_return_rows_from_bulk_insert
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING id" if says_keys else sql, values)
        keys = [key for (key,) in cursor.fetchall()] if says_keys else _keys([row.transaction_id for row in rows])
    for row, key in zip(rows, keys, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _keys(transaction_ids: Sequence[UUID]) -> list[int]:
    """The primary keys of these rows: MySQL does not say which keys a many-row insert was given."""
    by_id = dict(Transaction.objects.filter(transaction_id__in=transaction_ids).values_list("transaction_id", "pk"))
    return [by_id[transaction_id] for transaction_id in transaction_ids]
