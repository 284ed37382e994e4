"""The first page of the back office: what is held, what moved, what failed, and whether it adds up."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger import totals
from ledger.models import RollUp, Transaction
from tests.factories import StaffFactory, new_wallet
from wallet_project.dashboard import dashboard
from wallets import services
from wallets.corrections import set_frozen
from wallets.exceptions import TransactionFailed

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def fail(wallet: Any, amount: int, reference: str) -> None:
    with pytest.raises(TransactionFailed):
        services.debit(user_id=wallet.pk, amount=amount, reference_id=reference)


def test_it_says_what_is_held_and_what_of_it_is_on_hold(clock: Any) -> None:
    asha, taro = new_wallet(1000), new_wallet(500, currency="JPY")
    services.place_hold(user_id=asha.pk, amount=300, reference_id="hotel")
    soon = NOON + timedelta(minutes=1)
    services.place_hold(user_id=asha.pk, amount=5, reference_id="fuel", expires_at=soon)
    clock.shift(timedelta(minutes=2))
    found = {each.currency: (each.balance, each.on_hold, each.holds) for each in dashboard().held}
    assert found == {"INR": (1000, 300, 1), "JPY": (500, 0, 0)}, "what is over no longer counts"
    assert taro.pk


def test_money_in_and_out_is_by_day_and_transfers_are_neither(clock: Any) -> None:
    clock.move_to(NOON - timedelta(days=40))
    asha, ravi = new_wallet(700), new_wallet()
    clock.move_to(NOON - timedelta(days=1))
    services.debit(user_id=asha.pk, amount=100, reference_id="lunch")
    services.transfer(from_user_id=asha.pk, to_user_id=ravi.pk, amount=50, reference_id="rent")
    clock.move_to(NOON)
    services.credit(user_id=asha.pk, amount=30, reference_id="refund")
    clock.shift(timedelta(minutes=6))
    shown = dashboard()
    rows = shown.in_and_out.rows
    assert len(rows) == 30
    assert [row for row in rows if row[1:] != ("0.00", "0.00")] == [
        ("03 May", "0.00", "100.00"),
        ("04 May", "30.00", "0.00"),
    ]
    assert shown.held[0].balance == 630, "what came before the 30 days is held too"
    assert [row.amount for row in shown.largest] == [100, 50, 30]


def test_failures_are_told_with_their_reasons_and_their_part(clock: Any) -> None:
    wallet = new_wallet(100)
    fail(wallet, 1000, "f1")
    fail(wallet, 2000, "f2")
    set_frozen(user_id=wallet.pk, frozen=True, reason="A dispute", actor="asha")
    fail(wallet, 1, "f3")
    shown = dashboard()
    assert (shown.operations, shown.failed, shown.failed_part, shown.frozen) == (4, 3, 75.0, 1)
    assert [(each.reason, each.count, each.part) for each in shown.reasons] == [
        ("Insufficient balance", 2, 66.7),
        ("Wallet is frozen", 1, 33.3),
    ]
    assert [row.reference_id for row in shown.failures] == ["f3", "f2", "f1"]


def test_operations_a_minute_are_of_the_last_hour(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.move_to(NOON - timedelta(hours=2))
    wallet = new_wallet(100)
    clock.move_to(NOON - timedelta(minutes=3))
    for number in range(4):
        services.credit(user_id=wallet.pk, amount=1, reference_id=f"c{number}")
    clock.move_to(NOON)
    services.credit(user_id=wallet.pk, amount=1, reference_id="now")
    chart = dashboard().per_minute
    assert len(chart.rows) == 60
    assert [row for row in chart.rows if row[1] != "0"] == [("11:57", "4"), ("12:00", "1")]
    monkeypatch.setattr("wallet_project.dashboard.RECENT", 3)
    assert dashboard().per_minute.rows == [("11:58", "0"), ("11:59", "0"), ("12:00", "1")], "11:57 is not whole"


def test_a_currency_is_chosen_and_an_unknown_one_is_not(clock: Any) -> None:
    wallet = new_wallet(100)
    services.debit(user_id=wallet.pk, amount=7, reference_id="d")
    new_wallet(500, currency="JPY")
    assert dashboard().currency == "INR", "it moved more often"
    assert dashboard("JPY").currency == "JPY"
    assert dashboard("JPY").in_and_out.rows[-1] == ("04 May", "500", "0")
    assert dashboard("<script>").currency == "INR"


def test_it_counts_a_little_itself_and_says_when_that_is_not_all(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "STEP", 2)
    wallet = new_wallet(100)
    for number in range(5):
        services.credit(user_id=wallet.pk, amount=1, reference_id=f"c{number}")
    clock.shift(timedelta(minutes=6))
    assert not dashboard().complete
    assert RollUp.objects.get().until == Transaction.objects.order_by("pk")[1].pk
    client = Client()
    client.force_login(StaffFactory.create())
    assert b"manage.py roll_up" in client.get("/admin/").content
    call_command("roll_up", stdout=StringIO())
    assert dashboard().complete


def test_a_busy_database_keeps_nobody_from_the_page(clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(**_: Any) -> int:
        raise OperationalError("database is locked")

    new_wallet(100)
    monkeypatch.setattr(totals, "roll_up", busy)
    assert dashboard().held[0].balance == 100


def test_the_page_shows_it_to_a_viewer_and_nothing_to_who_has_no_role(clock: Any) -> None:
    wallet = new_wallet(Decimal("1234.50"))
    fail(wallet, 9999, "too-much")
    call_command("verify_ledger", stdout=StringIO())
    viewer = StaffFactory.create(is_superuser=False)
    viewer.groups.add(Group.objects.get(name="viewer"))
    client = Client()
    client.force_login(viewer)
    client.get("/admin/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get("/admin/").content.decode()
    assert len(queries) <= 15, "\n".join(query["sql"] for query in queries)
    for shown in ("1,234.50", "Insufficient balance", "holds", "Money in and out, 30 days", "All pages"):
        assert shown in page
    stranger = Client()
    stranger.force_login(StaffFactory.create(is_superuser=False))
    page = stranger.get("/admin/").content.decode()
    assert "1,234.50" not in page
    assert "Money in and out" not in page
