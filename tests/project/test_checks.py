"""What the service depends on in its database is checked at every start, and each error explains itself."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import connection, connections

from ledger.append_only import TRIGGERS, create_triggers, drop_triggers
from ledger.retrying import retried
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
    retried(lambda: execute(spoil))  # the journal's mode changes when nobody else has the file open
    try:
        assert findings() == {finding}
    finally:
        retried(lambda: execute(restore))
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
