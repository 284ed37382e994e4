"""No question keeps the database busy: a statement that takes too long is given up, and the caller is told to wait."""

import time
from typing import Any

import pytest
from django.db import DatabaseError, connection

from ledger.database_errors import is_transient
from tests.conftest import Api
from tests.factories import new_wallet
from tests.security.conftest import new_key
from wallet_project import statement_time
from wallets import selectors

# Not quite without end, so that the test has one also when nothing gives it up.
ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 60000000) SELECT COUNT(*) FROM n",
    "mysql": "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b,"
    " information_schema.columns c",
}


@pytest.fixture
def _one_second(settings: Any) -> Any:
    """A connection of a process that was told to wait for a second and no longer."""
    settings.STATEMENT_SECONDS = 1
    if connection.vendor == "sqlite":
        statement_time._limit_on(connection)
        yield
        connection.connection.set_progress_handler(None, 0)
        connection.execute_wrappers.clear()
        return
    name, value = ("max_statement_time", 1) if connection.mysql_is_mariadb else ("max_execution_time", 1000)  # type: ignore[attr-defined]
    with connection.cursor() as cursor:
        cursor.execute(f"SET {name} = {value}")
        yield
        cursor.execute(f"SET {name} = 0")


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_second")
def test_a_statement_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(ENDLESS[connection.vendor])

    wallet, key = new_wallet(1), new_key()
    with pytest.raises(DatabaseError) as given_up:
        endless()
    assert is_transient(given_up.value)
    monkeypatch.setattr(selectors, "wallet_head", endless)
    start = time.monotonic()
    reply = Api(key).get(f"/wallets/{wallet.pk}")
    assert reply.answer == (503, {"error": "The database is busy or not reachable, try again shortly"})
    assert reply.headers["Retry-After"] == "1"
    assert time.monotonic() - start < 30


def test_the_session_of_a_server_is_told_so(settings: Any) -> None:
    import runpy

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_STATEMENT_SECONDS", "5")
        environment.setenv("DATABASE_URL", "mysql://u:p@h/d")
        read = runpy.run_path(str(settings.BASE_DIR / "wallet_project" / "settings.py"))
    command = read["DATABASES"]["default"]["OPTIONS"]["init_command"]
    assert "/*M!100100 , max_statement_time=5 */" in command
    assert "/*!80000 , max_execution_time=5000 */" in command
