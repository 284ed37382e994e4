"""What moved on each day: counted once, however often and by however many, and right to the last digit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection

from ledger import totals as module
from ledger.models import Day, RollUp, Transaction
from ledger.totals import Line, rebuild, roll_up, totals
from tests.factories import new_wallet
from wallets import services
from wallets.exceptions import TransactionFailed

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MONDAY, TUESDAY = NOON.date(), NOON.date() + timedelta(days=1)


def two_days() -> None:
    """A Monday and a Tuesday of two wallets, in two currencies."""
    with time_machine.travel(NOON, tick=False) as clock:
        asha, taro = new_wallet(1000), new_wallet(500, currency="JPY")
        ravi = new_wallet()
        services.debit(user_id=asha.pk, amount=Decimal("99.99"), reference_id="lunch")
        with pytest.raises(TransactionFailed):
            services.debit(user_id=asha.pk, amount=5000, reference_id="car")
        clock.shift(timedelta(days=1))
        services.transfer(from_user_id=asha.pk, to_user_id=ravi.pk, amount=200, reference_id="rent")
        services.debit(user_id=taro.pk, amount=300, reference_id="train")
        services.place_hold(user_id=asha.pk, amount=50, reference_id="hotel")


@pytest.mark.django_db
def test_the_totals_of_a_day_say_what_moved_and_what_failed() -> None:
    two_days()
    for counted in (False, True):
        if counted:
            assert roll_up() == Transaction.objects.count()
        found = totals(MONDAY)
        assert found.complete
        assert list(found.days) == [MONDAY, TUESDAY]
        assert found.days[MONDAY].lines == {
            Line("INR", "CREDIT", "external", "SUCCESS", ""): (1, Decimal(1000)),
            Line("JPY", "CREDIT", "external", "SUCCESS", ""): (1, Decimal(500)),
            Line("INR", "DEBIT", "external", "SUCCESS", ""): (1, Decimal("99.99")),
            Line("INR", "DEBIT", "external", "FAILED", "Insufficient balance"): (1, Decimal(5000)),
        }
        assert found.days[TUESDAY].lines[Line("INR", "DEBIT", "transfers", "SUCCESS", "")] == (1, Decimal(200))
        assert found.days[TUESDAY].lines[Line("INR", "DEBIT", "external", "HELD", "")] == (1, Decimal(50))
        assert found.balances == {"INR": Decimal("900.01"), "JPY": Decimal(200)}
        largest = [(large.amount, large.currency) for large in found.days[TUESDAY].largest]
        assert largest == ([(200, "INR"), (300, "JPY")] if counted else []), "they are of the last roll-up"
        assert list(totals(TUESDAY).days) == [TUESDAY]
        assert totals(TUESDAY).balances == found.balances, "what is held is of all days"


@pytest.mark.django_db
def test_a_row_is_counted_once_however_often_it_is_rolled_up() -> None:
    two_days()
    assert roll_up() == Transaction.objects.count()
    before = totals(MONDAY)
    assert roll_up() == 0
    assert rebuild() == Transaction.objects.count()
    assert totals(MONDAY) == before


@pytest.mark.django_db
def test_a_roll_up_between_two_questions_of_a_page_counts_nothing_twice_and_loses_nothing() -> None:
    two_days()
    RollUp.objects.create(pk=1)
    before, rows = RollUp.objects.get(), totals(MONDAY)
    for change in (roll_up, rebuild):
        kept = RollUp.objects.get()
        change()
        for stale in (before, kept):
            found = totals(MONDAY, kept=stale)
            assert found.balances == rows.balances
            assert {day: tally.lines for day, tally in found.days.items()} == {
                day: tally.lines for day, tally in rows.days.items()
            }


@pytest.mark.django_db
def test_what_is_not_settled_is_shown_and_left_for_the_next_time() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        wallet = new_wallet(100)
        clock.shift(timedelta(minutes=4))
        services.credit(user_id=wallet.pk, amount=1, reference_id="late")
        clock.shift(timedelta(minutes=2))
        assert roll_up() == 1, "the first is six minutes old, the second two"
        assert totals(MONDAY).balances == {"INR": 101}
        clock.shift(timedelta(minutes=4))
        assert roll_up() == 1
        assert totals(MONDAY).balances == {"INR": 101}


@pytest.mark.django_db
def test_a_step_ends_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEP", 2)
    two_days()
    rows = Transaction.objects.count()
    assert roll_up(most_steps=1) == 2
    behind = totals(MONDAY)
    assert not behind.complete, "more has come than a page reads"
    assert behind.balances == {"INR": 1000, "JPY": 500}
    assert roll_up() == rows - 2
    assert totals(MONDAY).complete
    assert totals(MONDAY).balances == {"INR": Decimal("900.01"), "JPY": Decimal(200)}


@pytest.mark.django_db
def test_ten_are_kept_of_the_largest_of_each_currency() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        wallet = new_wallet()
        for number in range(1, 16):
            services.credit(user_id=wallet.pk, amount=number, reference_id=f"c{number}")
            clock.shift(timedelta(minutes=6))
            roll_up()
    assert len(Day.objects.get().largest) == 10
    assert [large.amount for large in totals(MONDAY).days[MONDAY].largest] == [*range(15, 5, -1)]


@pytest.mark.django_db
def test_sums_beyond_what_a_wallet_can_hold_are_exact() -> None:
    largest = Decimal("99999999999999.99")
    with time_machine.travel(NOON, tick=False):
        for _ in range(12):
            new_wallet(largest)
    roll_up()
    assert totals(MONDAY).balances == {"INR": 12 * largest}


@pytest.mark.django_db
def test_the_command_counts_and_counts_again() -> None:
    two_days()
    rows = Transaction.objects.count()
    said = StringIO()
    call_command("roll_up", stdout=said)
    call_command("roll_up", stdout=said)
    call_command("roll_up", "--rebuild", stdout=said)
    assert said.getvalue().splitlines() == [f"{n} transactions counted." for n in (rows, 0, rows)]


@pytest.mark.engine("mysql")
@pytest.mark.django_db(transaction=True)
def test_eight_roll_ups_at_once_count_each_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEP", 3)
    with time_machine.travel(NOON, tick=False):
        wallet = new_wallet()
        for number in range(30):
            services.credit(user_id=wallet.pk, amount=1, reference_id=f"c{number}")

    def counted(_: int) -> int:
        try:
            return roll_up()
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(counted, range(8))) == 30
    assert totals(MONDAY).days[MONDAY].lines == {Line("INR", "CREDIT", "external", "SUCCESS", ""): (30, Decimal(30))}
    assert RollUp.objects.count() == 1


@pytest.mark.django_db
def test_nothing_has_moved_yet() -> None:
    assert totals(date(2026, 1, 1)) == module.Totals({}, {}, complete=True)
    assert roll_up() == 0
