"""The MySQL backend of our own asks the server less, and means the same."""

from typing import Any

import pytest
from django.db import connection, connections
from django.db.transaction import atomic

from accounts.models import User
from tests.factories import new_user
from wallet_project.mysql.base import TRUSTED_SECONDS

pytestmark = [pytest.mark.engine("mysql"), pytest.mark.django_db(transaction=True)]


def asked(command: str) -> int:
    """How many statements of this kind the session has sent."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW SESSION STATUS LIKE %s", [f"Com_{command}"])
        return int(cursor.fetchone()[1])


def test_a_transaction_begins_and_ends_without_turning_autocommit_off_and_on() -> None:
    before = asked("set_option"), asked("begin"), asked("commit")
    with atomic():
        new_user()
    assert (asked("set_option"), asked("begin"), asked("commit")) == (before[0], before[1] + 1, before[2] + 1)


def test_what_is_undone_is_undone_and_what_comes_after_stands_by_itself() -> None:
    with pytest.raises(RuntimeError), atomic():
        new_user()
        raise RuntimeError
    assert not User.objects.exists()
    user = new_user()
    connection.close()
    assert User.objects.get() == user


class Pings:
    """Counts how often a connection is asked whether it is good."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> bool:
        self.count += 1
        return True


@pytest.fixture
def pings(monkeypatch: pytest.MonkeyPatch) -> Pings:
    connection.ensure_connection()
    counted, here = Pings(), connections["default"]
    monkeypatch.setattr(here, "is_usable", counted)
    monkeypatch.setattr(here, "_good_at", 0)
    monkeypatch.setattr(here, "health_check_enabled", True)
    return counted


def next_request() -> None:
    connections["default"].health_check_done = False  # type: ignore[attr-defined]
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def test_a_connection_is_asked_whether_it_is_good_once_in_a_while(pings: Pings, monkeypatch: Any) -> None:
    now = 1000.0
    monkeypatch.setattr("wallet_project.mysql.base.monotonic", lambda: now)
    for _ in range(5):
        next_request()
    assert pings.count == 1
    now += TRUSTED_SECONDS
    next_request()
    assert pings.count == 2
