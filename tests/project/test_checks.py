"""What the service depends on in its database is checked at every start, and each error explains itself."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import connection, connections

from ledger.append_only import TRIGGERS, create_triggers, drop_triggers
from tests.children import environment, suite_url
from tests.database_server import free_port

pytestmark = pytest.mark.django_db(transaction=True)


def findings() -> set[str]:
    return {str(finding.id) for finding in run_checks(tags=[Tags.database], databases=["default"])}


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def no_triggers() -> Iterator[None]:
    drop_triggers(connection)
    yield
    create_triggers(connection)


def test_the_databases_of_the_tests_are_sound() -> None:
    assert findings() == set()


@pytest.mark.usefixtures("no_triggers")
def test_missing_triggers_are_found_and_can_be_created_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert findings() == {"wallet.E001"}
    call_command("create_triggers")
    call_command("create_triggers")
    assert capsys.readouterr().out == (f"Created {', '.join(sorted(TRIGGERS))}.\nNothing is missing.\n")
    assert findings() == set()


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("spoil", "restore", "finding"),
    [
        ("PRAGMA synchronous=NORMAL", "PRAGMA synchronous=FULL", "wallet.E002"),
        ("PRAGMA foreign_keys=OFF", "PRAGMA foreign_keys=ON", "wallet.E002"),
        ("PRAGMA recursive_triggers=OFF", "PRAGMA recursive_triggers=ON", "wallet.E002"),
        ("PRAGMA journal_mode=DELETE", "PRAGMA journal_mode=WAL", "wallet.E003"),
    ],
)
def test_a_pragma_that_loses_money_is_found(spoil: str, restore: str, finding: str) -> None:
    execute(spoil)
    try:
        assert findings() == {finding}
    finally:
        execute(restore)
    assert findings() == set()


@pytest.mark.engine("mysql")
@pytest.mark.parametrize(
    ("spoil", "restore", "finding"),
    [
        (
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            "wallet.E005",
        ),
        (
            "SET GLOBAL innodb_flush_log_at_trx_commit = 2",
            "SET GLOBAL innodb_flush_log_at_trx_commit = 1",
            "wallet.E006",
        ),
        (
            "ALTER TABLE transactions MODIFY reference_id varchar(100) CHARACTER SET utf8mb4 "
            "COLLATE utf8mb4_general_ci NOT NULL",
            "ALTER TABLE transactions MODIFY reference_id varchar(100) CHARACTER SET utf8mb4 COLLATE {exact} NOT NULL",
            "wallet.E009",
        ),
    ],
)
def test_a_server_or_a_column_that_loses_money_is_found(spoil: str, restore: str, finding: str) -> None:
    from ledger.fields import exact_collation

    execute(spoil)
    try:
        assert finding in findings()
    finally:
        execute(restore.format(exact=exact_collation(connection)))
    assert findings() == set()


@pytest.mark.engine("mysql")
def test_a_lax_sql_mode_is_found() -> None:
    execute("SET SESSION sql_mode=''")
    assert "wallet.E007" in findings()
    connection.close()
    assert findings() == set()


@pytest.mark.engine("mysql")
def test_an_old_server_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connections["default"].__dict__, "mysql_version", (5, 7, 44))
    assert "wallet.E004" in findings()


@pytest.mark.usefixtures("no_triggers")
@pytest.mark.parametrize(("debug", "starts"), [("false", False), ("true", True)])
def test_production_does_not_start_on_what_would_lose_money(debug: str, starts: bool, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve"],
        env=environment(suite_url(), DJANGO_DEBUG=debug, PORT=str(free_port())),
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        out, err = process.communicate(timeout=4)
    except subprocess.TimeoutExpired:
        process.terminate()
        out, err = process.communicate()
    assert "The ledger's triggers are missing" in err
    assert ("Mini Wallet Service on" in out) is starts
    assert ("Not started" in err) is not starts


@pytest.mark.engine("mysql")
class TestAsTheRuntimeUser:
    """The user that `manage.py database_grants` describes: it can do its work, and cannot rewrite history."""

    @pytest.fixture
    def runtime(self, capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
        import MySQLdb

        here = connection.settings_dict
        name = f"runtime_{os.getpid()}"
        with connection.cursor() as cursor:
            cursor.execute("SHOW GRANTS")
            if not any("WITH GRANT OPTION" in grant for (grant,) in cursor.fetchall()):
                pytest.skip(f"{here['USER']} may not GRANT on this server; give it GRANT OPTION to run this")
        execute(f"CREATE USER '{name}'@'%' IDENTIFIED BY 'runtime'")
        call_command("database_grants", user=f"'{name}'@'%'")
        for statement in capsys.readouterr().out.splitlines():
            execute(statement.rstrip(";"))
        other = MySQLdb.connect(
            host=here["HOST"], port=int(here["PORT"]), user=name, password="runtime", database=here["NAME"]
        )
        yield {"connection": other, "USER": name, "PASSWORD": "runtime"}
        other.close()
        execute(f"DROP USER '{name}'@'%'")

    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE transactions SET amount = 1",
            "DELETE FROM transactions",
            "REPLACE INTO transactions SELECT * FROM transactions",
            "INSERT INTO transactions SELECT * FROM transactions AS old ON DUPLICATE KEY UPDATE balance_after = 0",
            "TRUNCATE transactions",
            "DROP TABLE transactions",
            "ALTER TABLE transactions DROP COLUMN hash",
            "DROP TRIGGER transactions_no_update",
            "RENAME TABLE transactions TO gone",
            "DELETE FROM wallets",
            "UPDATE wallets SET currency = 'EUR'",
            "TRUNCATE wallets",
            "UPDATE accounts SET must_be_zero = 0",
        ],
    )
    def test_history_cannot_be_rewritten(self, runtime: Any, sql: str) -> None:
        import MySQLdb

        from tests.factories import new_wallet

        new_wallet(100)
        with pytest.raises(MySQLdb.OperationalError) as refused:
            runtime["connection"].cursor().execute(sql)
        assert refused.value.args[0] in {1142, 1143, 1227, 1370}  # denied: command, column, privilege

    def test_its_work_can_be_done(self, runtime: Any) -> None:
        from tests.conftest import Api
        from tests.factories import new_wallet
        from tests.faults.test_lost_connections import in_a_thread

        wallet = new_wallet(100)
        user = {"USER": runtime["USER"], "PASSWORD": runtime["PASSWORD"]}
        body = {"userId": 999, "user_name": "A", "user_email": "a@b.cd", "user_phone": "1"}
        assert in_a_thread(lambda: Api().post("/users", body), **user).result(20).status == 201
        assert in_a_thread(lambda: Api().post("/wallets", {"userId": 999}), **user).result(20).status == 201
        assert in_a_thread(lambda: Api().debit(wallet.pk, 30, "r"), **user).result(20).body["balance"] == 70
        assert in_a_thread(lambda: Api().get(f"/wallets/{wallet.pk}"), **user).result(20).status == 200
        assert in_a_thread(lambda: Api().get("/health/ready"), **user).result(20).status == 200
        assert in_a_thread(findings, **user).result(20) == set()


@pytest.mark.engine("sqlite")
def test_sqlite_has_no_grants_and_says_so() -> None:
    from django.core.management import CommandError

    with pytest.raises(CommandError, match="SQLite has no users and no grants"):
        call_command("database_grants")
