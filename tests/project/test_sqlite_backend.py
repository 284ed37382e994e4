"""The write lock of SQLite: who finds it taken waits for it, and no longer than the settings say."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from django.db.utils import ConnectionHandler, OperationalError

from wallet_project.settings import LOCK_WAIT_SECONDS

pytestmark = pytest.mark.django_db

# Two connections to one file, whatever engine the suite runs on.
OPTIONS = {"transaction_mode": "IMMEDIATE", "timeout": LOCK_WAIT_SECONDS}


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    config = {"ENGINE": "wallet_project.sqlite", "NAME": str(tmp_path / "wallet.sqlite3"), "OPTIONS": OPTIONS}
    connections = ConnectionHandler({"default": config, "other": {**config, "OPTIONS": {**OPTIONS, "timeout": 0.05}}})
    with closing(connections["default"]) as patient, closing(connections["other"]) as hasty:
        for each in (patient, hasty):
            each.inc_thread_sharing()
        yield patient, hasty


def begin(connection: Any) -> None:
    connection.ensure_connection()
    connection._start_transaction_under_autocommit()


def has_begun(connection: Any) -> bool:
    return bool(connection.connection.in_transaction)


def test_who_finds_the_lock_taken_gets_it_when_it_is_free(two: tuple[Any, Any]) -> None:
    patient, other = two
    begin(other)
    release = Timer(0.2, other.connection.rollback)
    release.start()
    begin(patient)
    assert has_begun(patient)
    assert not has_begun(other)
    release.join()


def test_who_has_waited_for_long_enough_is_told_that_it_is_locked(two: tuple[Any, Any]) -> None:
    patient, hasty = two
    begin(patient)
    with pytest.raises(OperationalError, match="locked"):
        begin(hasty)
    assert not has_begun(hasty)
    assert has_begun(patient)


def test_other_statements_wait_as_long_as_before(two: tuple[Any, Any]) -> None:
    patient, _ = two
    begin(patient)
    with patient.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        assert cursor.fetchone() == (1000 * LOCK_WAIT_SECONDS,)
