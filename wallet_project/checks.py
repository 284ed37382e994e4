"""What the service depends on in its database, checked by `manage.py check --database default` and at every start.

Each error says what could be lost and how to mend it. In production (DJANGO_DEBUG off) the service does not start with
one.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.models import ForeignKey

from ledger.append_only import missing_triggers
from ledger.fields import ExactCharField, exact_collation

OUR_APPS = ("accounts", "ledger", "wallets")
OLDEST_MYSQL = (8, 0, 16)  # the first that enforces CHECK constraints
OLDEST_MARIADB = (10, 11)
COMMAND_DENIED = 1142


@register(Tags.database)
def check_database(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Every finding about the default database, when it is among `databases`."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    connection = connections[DEFAULT_DB_ALIAS]
    findings: list[CheckMessage] = list(_sqlite(connection) if connection.vendor == "sqlite" else _mysql(connection))
    missing = missing_triggers(connection) if _exists(connection, "transactions") else set()
    if missing and _may_change_transactions(connection):
        findings.append(
            Error(
                f"The ledger's triggers are missing: {', '.join(sorted(missing))}. Rows of it can be changed unseen.",
                hint="Find out who dropped them, run verify_ledger, then: manage.py create_triggers",
                id="wallet.E001",
            )
        )
    return findings


def _sqlite(connection: Any) -> Iterator[Error]:
    wanted = {
        "synchronous": (2, "a power cut can take acknowledged commits"),
        "foreign_keys": (1, "rows can lose what they refer to"),
        "recursive_triggers": (1, "REPLACE walks around the ledger's triggers"),
    }
    for pragma, (value, danger) in wanted.items():
        if (found := _one(connection, f"PRAGMA {pragma}")) != value:
            yield Error(f"SQLite's {pragma} is {found}, not {value}: {danger}.", id="wallet.E002")
    mode = _one(connection, "PRAGMA journal_mode")
    if mode != "wal" and _exists(connection, "transactions"):
        yield Error(
            f"SQLite's journal_mode is {mode}, not wal: readers and the writer wait for each other.",
            hint="sqlite3 FILE 'PRAGMA journal_mode=WAL'",
            id="wallet.E003",
        )


def _mysql(connection: Any) -> Iterator[Error]:
    yield from _version(connection)
    isolation = _one(
        connection, "SELECT @@tx_isolation" if connection.mysql_is_mariadb else "SELECT @@transaction_isolation"
    )
    if isolation != "READ-COMMITTED":
        yield Error(
            f"The isolation level is {isolation}, not READ-COMMITTED: a look-up after a lock answers from before it.",
            hint="Leave isolation_level out of DATABASE_URL; the settings set it.",
            id="wallet.E005",
        )
    flush = _one(connection, "SELECT @@innodb_flush_log_at_trx_commit")
    if flush != 1:
        yield Error(
            f"innodb_flush_log_at_trx_commit is {flush}, not 1: a crash of the server takes acknowledged commits.",
            hint="SET GLOBAL innodb_flush_log_at_trx_commit = 1, and in the server's configuration file.",
            id="wallet.E006",
        )
    if "STRICT" not in str(_one(connection, "SELECT @@sql_mode")):
        yield Error("The SQL mode is not strict: values that do not fit are cut instead of refused.", id="wallet.E007")
    yield from _tables(connection)


def _version(connection: Any) -> Iterator[Error]:
    oldest = OLDEST_MARIADB if connection.mysql_is_mariadb else OLDEST_MYSQL
    if connection.mysql_version < oldest:
        name = "MariaDB" if connection.mysql_is_mariadb else "MySQL"
        found, wanted = (".".join(map(str, version)) for version in (connection.mysql_version, oldest))
        yield Error(f"{name} {found} is older than {wanted}, and does not hold every constraint.", id="wallet.E004")


def _tables(connection: Any) -> Iterator[Error]:
    tables = [model._meta.db_table for app in OUR_APPS for model in apps.get_app_config(app).get_models()]
    sql = "SELECT table_name, engine FROM information_schema.tables WHERE table_schema = DATABASE()"
    engines = dict(_rows(connection, sql))
    for table in tables:
        if engines.get(table, "InnoDB") != "InnoDB":
            yield Error(
                f"Table {table} is {engines[table]}, not InnoDB: it has no transactions.",
                hint=f"ALTER TABLE {table} ENGINE=InnoDB",
                id="wallet.E008",
            )
    sql = (
        "SELECT table_name, column_name, collation_name FROM information_schema.columns WHERE table_schema = DATABASE()"
    )
    collations = {(table, column): collation for table, column, collation in _rows(connection, sql)}
    wanted = exact_collation(connection)
    for table, column in _exact_columns():
        if (found := collations.get((table, column), wanted)) != wanted:
            yield Error(
                f"{table}.{column} has the collation {found}, not {wanted}: two references can be taken for one.",
                hint=f"ALTER TABLE {table} MODIFY {column} … COLLATE {wanted}",
                id="wallet.E009",
            )


def _exact_columns() -> Iterator[tuple[str, str]]:
    for app in OUR_APPS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                target = field.target_field if isinstance(field, ForeignKey) else field
                if isinstance(target, ExactCharField):
                    yield model._meta.db_table, str(field.column)


def _exists(connection: Any, table: str) -> bool:
    return table in connection.introspection.table_names()


def _may_change_transactions(connection: Any) -> bool:
    """Whether this user has a right to change them at all. One who has none does not see the triggers either."""
    if connection.vendor == "sqlite":
        return True
    for sql in ("UPDATE transactions SET leg = leg WHERE id = -1", "DELETE FROM transactions WHERE id = -1"):
        try:
            _rows(connection, sql)
        except OperationalError as error:
            if error.args[0] != COMMAND_DENIED:
                raise
        else:
            return True
    return False


def _rows(connection: Any, sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _one(connection: Any, sql: str) -> Any:
    return _rows(connection, sql)[0][0]
