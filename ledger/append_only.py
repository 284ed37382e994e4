"""Rows that are written once: what refuses to change them, in the model and in the database.

Three guards, each for another kind of hand. The model refuses Django code. Triggers refuse any SQL, whoever sends it.
Grants (`manage.py database_grants`) refuse TRUNCATE and DROP, which no trigger sees.
"""

from typing import Any, NoReturn

from django.db import models

from ledger.exceptions import LedgerIsAppendOnly

MESSAGE = "append-only: correct with a new row"
TABLES = ("transactions", "audit_records")
TRIGGERS = {f"{table}_no_{event.lower()}": (table, event) for table in TABLES for event in ("UPDATE", "DELETE")}


def create_triggers(connection: Any) -> None:
    """Create the triggers, anew where they exist: a table that SQLite has rebuilt has lost them."""
    drop_triggers(connection)
    with connection.cursor() as cursor:
        for name, (table, event) in TRIGGERS.items():
            if connection.vendor == "sqlite":
                cursor.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
                )
            else:
                cursor.execute(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW "
                    f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{MESSAGE}'"
                )


def drop_triggers(connection: Any) -> None:
    """Drop the triggers. Only for tests and for migrations that rebuild the table."""
    with connection.cursor() as cursor:
        for name in TRIGGERS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def missing_triggers(connection: Any) -> set[str]:
    """The names of the triggers that this database ought to have and has not."""
    sql = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return set(TRIGGERS) - {name for (name,) in cursor.fetchall()}


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise LedgerIsAppendOnly


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """A QuerySet that adds and reads."""

    update = delete = bulk_update = update_or_create = _raw_delete = _refuse

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        if kwargs.get("update_conflicts") or kwargs.get("ignore_conflicts"):
            raise LedgerIsAppendOnly
        return super().bulk_create(objs, *args, **kwargs)
