"""A lane carries out many requests in one thread: each has its own answer, and none waits for another's trouble."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from django.db import connection

from ledger.models import Transaction
from ledger.verification import Scope, verify
from tests.children import suite_url
from tests.factories import new_wallet
from tests.service import serving
from wallet_project.gateway import asks_for_balance, is_grouped
from wallet_project.urls import urlpatterns
from wallets.lanes import MOST_TOGETHER, Finished, Lane, share
from wallets.models import Wallet

NAME: ContextVar[str] = ContextVar("name")


class Driver:
    """Gives requests to a lane, and is what they are written by."""

    def __init__(self) -> None:
        self.lane = Lane(self._finished)
        self.groups: list[list[str]] = []
        self.alone: list[str] = []
        self.fails = False
        self.locked = threading.Event()
        self.locked.set()

    def _finished(self, finished: Finished) -> None:
        for token, result, error in finished:
            if error is None:
                token.set_result(result)
            else:
                token.set_exception(error)

    def ask(self, work: Callable[[], Any]) -> "Future[Any]":
        answer: Future[Any] = Future()
        self.lane.carry_out(answer, work)
        return answer

    def write(self, name: str) -> str:
        """What a request does: it asks the lane to write its name."""
        return str(share(name, self._together, self._alone))

    def ask_to_write(self, name: str) -> "Future[Any]":
        return self.ask(lambda: self.write(name))

    def _together(self, names: Sequence[str]) -> list[str]:
        self.groups.append(list(names))
        if self.fails:
            raise RuntimeError("one of them is bad")
        return [f"{name} together" for name in names]

    def _alone(self, name: str) -> str:
        if name == "locked":
            assert self.locked.wait(10)
        self.alone.append(name)
        if name == "bad":
            raise ValueError("bad")
        return f"{name} alone"

    def held_up(self) -> threading.Event:
        """Keep the lane busy until the event is set, so that what comes meanwhile comes at once."""
        go_on = threading.Event()
        self.ask(lambda: go_on.wait(10))
        return go_on


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.locked.set()
    driver.lane.stop()


def test_those_that_come_at_once_are_written_together_in_their_order(driver: Driver) -> None:
    go_on = driver.held_up()
    answers = [driver.ask_to_write(name) for name in "abcde"]
    go_on.set()
    assert [answer.result(10) for answer in answers] == [f"{name} together" for name in "abcde"]
    assert driver.groups == [list("abcde")]
    assert driver.ask_to_write("f").result(10) == "f together"


def test_no_more_are_written_together_than_one_statement_takes(driver: Driver) -> None:
    go_on = driver.held_up()
    names = [str(number) for number in range(2 * MOST_TOGETHER + 1)]
    answers = [driver.ask_to_write(name) for name in names]
    go_on.set()
    assert [answer.result(10) for answer in answers] == [f"{name} together" for name in names]
    assert [len(group) for group in driver.groups] == [MOST_TOGETHER, MOST_TOGETHER, 1]


def test_one_that_cannot_be_written_fails_alone(driver: Driver) -> None:
    driver.fails = True
    go_on = driver.held_up()
    answers = [driver.ask_to_write(name) for name in ("good", "bad", "fine")]
    go_on.set()
    assert answers[0].result(10) == "good alone"
    assert answers[2].result(10) == "fine alone"
    with pytest.raises(ValueError, match="bad"):
        answers[1].result(10)


def test_one_that_waits_for_a_lock_holds_up_nobody(driver: Driver) -> None:
    driver.fails = True
    driver.locked.clear()
    waits = driver.ask_to_write("locked")
    assert driver.ask_to_write("other").result(10) == "other alone"
    driver.fails = False
    assert driver.ask_to_write("next").result(10) == "next together"
    assert not waits.done()
    driver.locked.set()
    assert waits.result(10) == "locked alone"


def test_a_request_that_fails_is_told_so_and_the_lane_goes_on(driver: Driver) -> None:
    def broken() -> None:
        raise SystemExit("whatever it is")

    answer = driver.ask(broken)
    with pytest.raises(SystemExit):
        answer.result(10)
    assert driver.ask_to_write("a").result(10) == "a together"


def test_what_is_done_in_different_ways_is_done_apart(driver: Driver) -> None:
    def ask(name: str, together: Callable[[Sequence[str]], Sequence[str]]) -> str:
        return str(share(name, together, driver._alone))

    def other(names: Sequence[str]) -> list[str]:
        return [f"{name} of {len(names)} otherwise" for name in names]

    go_on = driver.held_up()
    answers = [driver.ask(partial(ask, name, driver._together if name in "ac" else other)) for name in "abc"]
    go_on.set()
    assert [answer.result(10) for answer in answers] == ["a together", "b of 1 otherwise", "c together"]
    assert driver.groups == [["a", "c"]]


def test_outside_of_a_lane_each_goes_alone(driver: Driver) -> None:
    assert share("a", driver._together, driver._alone) == "a alone"


def test_a_request_may_write_twice(driver: Driver) -> None:
    assert driver.ask(lambda: self_and(driver.write("a"), driver.write("b"))).result(10) == ("a together", "b together")
    assert driver.groups == [["a"], ["b"]]


def self_and(*values: str) -> tuple[str, ...]:
    return values


def test_what_a_request_has_set_is_its_own(driver: Driver) -> None:
    def request(name: str) -> str:
        NAME.set(name)
        driver.write(name)
        return NAME.get()

    go_on = driver.held_up()
    answers = [driver.ask(partial(request, name)) for name in "abc"]
    go_on.set()
    assert [answer.result(10) for answer in answers] == list("abc")


def test_a_lane_that_is_stopped_finishes_what_it_has_taken() -> None:
    driver = Driver()
    driver.fails = True
    go_on = driver.held_up()
    answers = [driver.ask_to_write(str(number)) for number in range(100)]
    go_on.set()
    driver.lane.stop()
    assert [answer.result(0) for answer in answers] == [f"{number} alone" for number in range(100)]
    assert driver.lane.under_way == 0


def test_every_single_operation_goes_into_the_lane_and_nothing_else_does() -> None:
    paths = [f"/{each.pattern}" for each in cast("list[Any]", urlpatterns)]
    assert {path for path in paths if is_grouped(path)} == {
        "/wallets/<user_id:user_id>/credit",
        "/wallets/<user_id:user_id>/debit",
        "/wallets/<user_id:user_id>/holds",
        "/transfers",
        "/holds/<uuid:hold_id>/capture",
        "/holds/<uuid:hold_id>/release",
        "/transactions/<uuid:transaction_id>/reverse",
    }


def test_the_balance_and_nothing_else_goes_into_the_lane_that_reads() -> None:
    paths = [f"/{each.pattern}" for each in cast("list[Any]", urlpatterns)]
    assert {path for path in paths if asks_for_balance("GET", path)} == {"/wallets/<user_id:user_id>"}
    assert not any(asks_for_balance("POST", path) for path in paths)


@pytest.mark.django_db(transaction=True)
def test_readers_of_a_service_share_queries_and_each_sees_its_wallet_at_one_moment(tmp_path: Path) -> None:
    wallets = [new_wallet(1000), new_wallet(1000), new_wallet(1000)]

    def call(number: int) -> tuple[int, Any]:
        path = f"/wallets/{wallets[number % 3].pk}"
        if number % 5:
            return service.call("GET", path)
        return service.call("POST", f"{path}/debit", {"amount": 1, "referenceId": f"debit-{number}"})

    with serving(suite_url(), tmp_path) as service, ThreadPoolExecutor(32) as callers:
        answers = list(callers.map(call, range(900)))
        left = [service.call("GET", f"/wallets/{wallet.pk}")[1]["balance"] for wallet in wallets]
    assert {status for status, _ in answers} == {200}
    assert left == [940, 940, 940]
    left_by = {f"debit-{number}": answers[number][1]["balance"] for number in range(0, 900, 5)}
    for number in (number for number in range(900) if number % 5):
        body = answers[number][1]
        assert body["userId"] == str(wallets[number % 3].pk)
        assert body["balance"] == left_by.get(body["transactions"][0]["reference_id"], 1000)


@pytest.mark.django_db(transaction=True)
def test_callers_of_a_service_share_commits_and_every_answer_is_right(tmp_path: Path) -> None:
    wallets = [new_wallet(1000), new_wallet(1000)]

    def debit(number: int) -> tuple[int, Any]:
        path = f"/wallets/{wallets[number % 2].pk}/debit"
        return service.call("POST", path, {"amount": 1, "referenceId": f"debit-{number}"})

    with serving(suite_url(), tmp_path) as service, ThreadPoolExecutor(32) as callers:
        before = commits()
        answers = list(callers.map(debit, range(200)))
        shared = commits() - before
    assert {status for status, _ in answers} == {200}
    for side in (0, 1):
        balances = sorted(body["balance"] for _, body in answers[side::2])
        assert balances == list(range(900, 1000))
        assert Wallet.objects.get(pk=wallets[side].pk).balance == 900
        assert verify(Scope(user_id=wallets[side].pk), {}).findings == []
    if connection.vendor == "mysql":
        assert shared < 150


def commits() -> int:
    """How many transactions the server has committed."""
    if connection.vendor != "mysql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SHOW GLOBAL STATUS LIKE 'Com_commit'")
        return int(cursor.fetchone()[1])


@pytest.mark.django_db(transaction=True)
def test_what_a_full_lane_refuses_has_moved_nothing(tmp_path: Path) -> None:
    wallet = new_wallet(1000)

    def debit(number: int) -> int:
        path = f"/wallets/{wallet.pk}/debit"
        status, body = service.call("POST", path, {"amount": 1, "referenceId": f"debit-{number}"})
        assert status == 200 or body == {"error": "Too many requests at once, try again shortly"}
        return status

    with serving(suite_url(), tmp_path, GROUP_COMMIT_QUEUE="1") as service, ThreadPoolExecutor(32) as callers:
        answers = list(callers.map(debit, range(200)))
    assert set(answers) == {200, 503}
    debits = Transaction.objects.filter(wallet=wallet, type="DEBIT")
    assert {row.reference_id for row in debits} == {
        f"debit-{number}" for number, status in enumerate(answers) if status == 200
    }
    assert Wallet.objects.get(pk=wallet.pk).balance == 1000 - answers.count(200)
