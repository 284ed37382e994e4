"""`make demo`: a story through the one door, in the past, the same for the same seed, never by accident."""

import os
import subprocess
import sys
from argparse import Namespace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Count
from django.db.transaction import atomic, set_rollback
from django.utils import timezone

from accounts.models import Staff, User
from ledger.models import Status, Transaction, Type, Verification
from ledger.verification import Scope, verify
from tests.children import environment
from tests.conftest import NothingMoved
from tests.demo import parts
from tests.demo.__main__ import arguments
from tests.demo.command import Refused, check, fill, prepare, run
from tests.demo.days import moments, slots
from tests.demo.people import new_person
from tests.demo.story import PAYDAYS
from tests.factories import new_wallet
from wallets.models import Hold, HoldStatus, Proposal, ProposalStatus, Wallet, WalletStatus

PASSWORD = "long-enough-for-a-demo"
# What happens day by day; what follows of it later may be cut off by the end of the story, and paydays by the calendar.
EVERYDAY = ("order-", "transfer-", "hold-", "topup-", "cashback-")


SMALL = ("--people", "36", "--transactions", "420", "--days", "10", "--password", PASSWORD)


def asked(*words: str) -> Namespace:
    """What the command is asked for; --yes, because tests run as production does."""
    return arguments().parse_args([*SMALL, "--yes", *words])


def told(now: datetime, *words: str) -> tuple[list[tuple[Any, ...]], dict[str, tuple[int, Any]]]:
    """Who is in the demo that is told at `now`, and who asked for how much under which reference; then it is undone."""
    with atomic():
        fill(asked(*words), now, PASSWORD)
        people = list(User.objects.order_by("pk").values_list("pk", "user_name", "user_email", "user_phone"))
        rows = Transaction.objects.filter(leg=0).values_list("reference_id", "wallet_id", "amount")
        amounts = {name: (user_id, amount) for name, user_id, amount in rows if name.startswith(EVERYDAY)}
        set_rollback(True)
    return people, amounts


@pytest.mark.django_db
def test_every_kind_of_thing_has_happened_and_the_ledger_proves_it(capsys: pytest.CaptureFixture[str]) -> None:
    run(asked())
    assert "36 wallets" in (said := capsys.readouterr().out)
    assert "all holds" in said
    assert said.count(PASSWORD) == 1
    assert Verification.objects.get().findings == 0
    assert 370 <= Transaction.objects.count() <= 480
    kinds = {"CREDIT", "DEBIT", "TRANSFER", "HOLD", "CAPTURE", "RELEASE", "EXPIRY", "REVERSAL", "ADJUSTMENT"}
    assert set(Transaction.objects.values_list("kind", flat=True)) == kinds
    assert set(Hold.objects.values_list("status", flat=True)) == set(HoldStatus.values)
    assert set(Wallet.objects.values_list("status", flat=True)) == set(WalletStatus.values)
    debits = Transaction.objects.filter(type=Type.DEBIT)
    failed = debits.filter(status=Status.FAILED, failure_reason="Insufficient balance").count()
    assert 0.01 < failed / debits.count() < 0.06
    proposals = dict(Proposal.objects.order_by().values_list("status").annotate(Count("pk")))
    assert proposals == {ProposalStatus.PENDING: 3, ProposalStatus.APPROVED: 1, ProposalStatus.DECLINED: 1}
    assert not Transaction.objects.filter(description="", kind__in=["DEBIT", "TRANSFER", "REVERSAL"]).exists()


@pytest.mark.django_db
def test_all_of_it_lies_in_the_past_in_the_order_in_which_it_happened() -> None:
    now = timezone.now()
    fill(asked(), now, PASSWORD)
    begin = now - timedelta(days=10)
    times = list(Transaction.objects.order_by("pk").values_list("created_at", flat=True))
    assert times == sorted(times)
    assert begin <= times[0] < begin + timedelta(days=2)
    assert now - timedelta(days=2) < times[-1] <= now
    for dated in (User.objects.values_list("created_at"), Wallet.objects.values_list("created_at")):
        assert all(begin <= at <= now for (at,) in dated)
    assert all(proposed <= now for (proposed,) in Proposal.objects.values_list("proposed_at"))


@pytest.mark.django_db
def test_the_same_seed_tells_of_the_same_people_and_amounts_whenever_it_is_told() -> None:
    people, amounts = told(datetime(2026, 3, 5, 11, 30, tzinfo=UTC))
    assert told(datetime(2026, 5, 20, 23, 5, tzinfo=UTC)) == (people, amounts)
    others, their_amounts = told(datetime(2026, 3, 5, 11, 30, tzinfo=UTC), "--seed", "2")
    assert others != people
    assert their_amounts != amounts


@pytest.mark.django_db
def test_each_employer_pays_on_its_own_day_of_the_month() -> None:
    fill(asked("--days", "45"), datetime(2026, 3, 20, tzinfo=UTC), PASSWORD)
    paid = Transaction.objects.filter(description__startswith="Salary")
    assert {(row.account_id, row.actor) for row in paid} == {("bank", "client:payroll")}
    days: dict[int, set[int]] = {}
    for row in paid:
        days.setdefault(row.wallet_id, set()).add(row.created_at.day)
    assert all(len(each) == 1 for each in days.values()), "a person's is always the same"
    assert set(PAYDAYS) >= set.union(*days.values()) > {1}


@pytest.mark.django_db
def test_more_people_come_beside_those_who_are_there() -> None:
    Staff.objects.create_user(username="operator", password="her-own-password")
    hired, _ = fill(asked(), timezone.now(), PASSWORD)
    assert hired.known == ["operator"]
    assert hired.new == ["viewer", "supervisor", "supervisor2", "administrator"]
    prepare(asked("--more"))
    hired, _ = fill(asked("--more"), timezone.now(), "another-password")
    assert hired.new == []
    assert list(User.objects.order_by("pk").values_list("pk", flat=True)) == list(range(1, 73))
    assert Staff.objects.get(username="operator").check_password("her-own-password")
    roles = {staff.username: [str(group) for group in staff.groups.all()] for staff in Staff.objects.all()}
    assert roles == {
        "operator": [],
        "viewer": ["viewer"],
        "supervisor": ["supervisor"],
        "supervisor2": ["supervisor"],
        "administrator": ["administrator"],
    }


@pytest.mark.engine("mysql")
@pytest.mark.django_db(transaction=True)
def test_a_long_story_is_told_by_several_processes_and_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_MANY", 400)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    now = timezone.now()
    _, shared = fill(asked("--people", "80"), now, PASSWORD)
    assert verify(Scope(), {}).found == 0
    assert (shared.people, User.objects.count()) == (80, 80)
    assert Transaction.objects.count() >= shared.transactions >= 370
    names = list(User.objects.order_by("pk").values_list("pk", "user_name"))
    assert names == [(number, new_person(number, 1).user_name) for number in range(1, 81)]


@pytest.mark.django_db
def test_a_database_with_users_is_left_alone(nothing_moved: NothingMoved) -> None:
    new_wallet(100)
    with nothing_moved(), pytest.raises(Refused, match="There are users in the database already"):
        run(asked())
    assert (User.objects.count(), Staff.objects.count()) == (1, 0)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--people", "5"], "--people must be a number from 36 to 10000000."),
        (["--transactions", "0"], "--transactions must be a number from 1 to 100000000."),
        (["--transactions", "100"], "--transactions must be at least 4 for each of the people: 144."),
        (["--days", "0"], "--days must be a number from 1 to 3650."),
        (["--seed", "-1"], "--seed must be a number from 0 to 9223372036854775807."),
        (["--password", "short"], "--password: This password is too short."),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence(words: list[str], sentence: str, settings: Any) -> None:
    settings.DEBUG = True
    with pytest.raises(Refused) as refused:
        check(asked(*words))
    assert str(refused.value).startswith(sentence)


def test_production_is_filled_only_by_who_says_so(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(Refused, match="DJANGO_DEBUG is false"):
        check(arguments().parse_args(SMALL))
    check(asked())


def test_a_refusal_is_one_line_and_makes_no_database(tmp_path: Path) -> None:
    env = environment(f"sqlite:///{tmp_path}/demo.sqlite3", DJANGO_DEBUG="true")
    done = subprocess.run(
        [sys.executable, "-m", "tests.demo", "--people", "0"],
        env=env,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "demo: --people must be a number from 36 to 10000000.\n"
    assert not list(tmp_path.iterdir())


def test_hours_go_up_to_now_and_are_fuller_in_the_evening_than_at_night() -> None:
    now = datetime(2026, 3, 5, 11, 30, 7, tzinfo=UTC)
    found = slots(now, 10)
    assert (found[0].start, found[-1].end, found[-1].share) == (now - timedelta(days=10), now, 1.0)
    assert all(one.end == next_.start for one, next_ in pairwise(found))
    shares = {one.end: next_.share - one.share for one, next_ in pairwise(found)}
    evening, night = datetime(2026, 3, 1, 19, tzinfo=UTC), datetime(2026, 3, 1, 3, tzinfo=UTC)
    assert shares[evening] > 20 * shares[night]
    at = moments(found[0], 50, Random(1))
    assert at == sorted(at)
    assert found[0].start <= at[0] < at[-1] <= found[0].end
