"""Operations of several requests share a commit: each has its own answer, after it, and nobody waits for ever."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.transaction import atomic

from ledger.models import Transaction
from ledger.verification import Scope, verify
from tests.conftest import Api
from tests.factories import new_wallet
from wallets import group_commit, posting, services
from wallets.exceptions import OutcomeUnknown, TooBusy, TransactionFailed
from wallets.group_commit import GroupCommit
from wallets.models import Wallet

Together = Callable[[Sequence[Callable[[], Any]]], list[Any]]


class Writer:
    """What a group is written by: remembers the groups, and can be held up, or fail."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.alone: list[str] = []
        self.go_on = threading.Event()
        self.go_on.set()
        self.begun = threading.Event()
        self.fails = False

    def together(self, asked: Sequence[str]) -> list[str]:
        self.begun.set()
        assert self.go_on.wait(10)
        self.groups.append(list(asked))
        if self.fails:
            raise OperationalError("a bad one among them")
        return [f"answer to {each}" for each in asked]

    def by_itself(self, asked: str) -> str:
        self.alone.append(asked)
        if asked == "bad":
            raise ValueError(asked)
        return f"own answer to {asked}"


@pytest.fixture
def writer() -> Writer:
    return Writer()


@pytest.fixture
def group(writer: Writer) -> GroupCommit[str, str]:
    return GroupCommit(writer.together, writer.by_itself)


def wait_for(group: GroupCommit[str, str], waiting: int) -> None:
    while len(group._queue) < waiting:
        time.sleep(0.001)


def test_who_comes_while_a_group_is_written_is_the_next_one_in_order(
    group: GroupCommit[str, str], writer: Writer
) -> None:
    writer.go_on.clear()
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(group.post, "first", most_waiting=9)
        assert writer.begun.wait(5)
        others = []
        for number in range(5):
            others.append(threads.submit(group.post, f"other {number}", most_waiting=9))
            wait_for(group, number + 1)
        assert not any(other.done() for other in (first, *others)), "nobody has an answer before the commit"
        writer.go_on.set()
        assert first.result(5) == "answer to first"
        assert [other.result(5) for other in others] == [f"answer to other {number}" for number in range(5)]
    assert writer.groups == [["first"], [f"other {number}" for number in range(5)]]
    assert writer.alone == []


def test_one_bad_operation_fails_none_of_its_neighbours(group: GroupCommit[str, str], writer: Writer) -> None:
    writer.go_on.clear()
    writer.fails = True
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(group.post, "good", most_waiting=9)]
        assert writer.begun.wait(5)
        asked += [threads.submit(group.post, name, most_waiting=9) for name in ("bad", "fine")]
        wait_for(group, 2)
        writer.go_on.set()
        assert asked[0].result(5) == "own answer to good"
        assert asked[2].result(5) == "own answer to fine"
        with pytest.raises(ValueError, match="bad"):
            asked[1].result(5)
    writer.fails = False
    assert group.post("next", most_waiting=9) == "answer to next", "the queue goes on"


def test_a_leader_that_is_stopped_strands_nobody(group: GroupCommit[str, str], writer: Writer) -> None:
    def stopped(asked: Sequence[str]) -> list[str]:
        if "leader" in asked:
            writer.begun.set()
            assert writer.go_on.wait(10)
            raise SystemExit
        return writer.together(asked)

    group._together = stopped
    writer.go_on.clear()
    with ThreadPoolExecutor(4) as threads:
        leader = threads.submit(group.post, "leader", most_waiting=9)
        assert writer.begun.wait(5)
        follower = threads.submit(group.post, "follower", most_waiting=9)
        wait_for(group, 1)
        writer.go_on.set()
        assert follower.result(5) == "answer to follower"
        with pytest.raises(SystemExit):
            leader.result(5)


def test_nobody_waits_for_ever(group: GroupCommit[str, str], writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MOST_SECONDS", 0.05)
    writer.go_on.clear()
    with ThreadPoolExecutor(4) as threads:
        leader = threads.submit(group.post, "leader", most_waiting=9)
        assert writer.begun.wait(5)
        with pytest.raises(OutcomeUnknown):
            group.post("impatient", most_waiting=9)
        writer.go_on.set()
        assert leader.result(5) == "answer to leader"
    assert group.post("next", most_waiting=9) == "answer to next"
    assert writer.groups == [["leader"], ["next"]], "what was given up is not written"


def test_a_queue_that_is_full_takes_no_more_and_does_nothing(group: GroupCommit[str, str], writer: Writer) -> None:
    writer.go_on.clear()
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(group.post, "leader", most_waiting=2)]
        assert writer.begun.wait(5)
        for number in (1, 2):
            asked.append(threads.submit(group.post, f"waits {number}", most_waiting=2))
            wait_for(group, number)
        with pytest.raises(TooBusy):
            group.post("one too many", most_waiting=2)
        writer.go_on.set()
        assert all(each.result(5) for each in asked)
    assert [name for names in writer.groups for name in names] == ["leader", "waits 1", "waits 2"]


@pytest.fixture
def grouped(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Group commit is on; how many operations each group had."""
    settings.GROUP_COMMIT = True
    sizes: list[int] = []

    def counting(asked: Sequence[Any]) -> list[Any]:
        sizes.append(len(asked))
        return posting._together(asked)

    monkeypatch.setattr(posting, "_group", GroupCommit(counting, posting._alone))
    return sizes


@pytest.mark.django_db(transaction=True)
def test_sixteen_callers_of_one_wallet_share_commits_and_every_answer_is_right(
    grouped: list[int], together: Together
) -> None:
    wallet = new_wallet(100)
    grouped.clear()

    def debit(number: int) -> str:
        try:
            row = services.debit(user_id=wallet.pk, amount=30, reference_id=f"d{number}").transaction
        except TransactionFailed as failed:
            return failed.transaction.status
        assert Transaction.objects.get(pk=row.pk).status == row.status, "it is committed when it is answered"
        return str(row.status)

    answers = together([partial(debit, number) for number in range(16)])
    assert sorted(answers) == ["FAILED"] * 13 + ["SUCCESS"] * 3
    assert sum(grouped) == 16
    assert len(grouped) < 16, "some of them shared a commit"
    assert Wallet.objects.get().balance == 10
    assert verify(Scope(), {}).findings == []


@pytest.mark.django_db(transaction=True)
def test_fifty_callers_of_one_reference_have_one_effect(grouped: list[int], together: Together) -> None:
    wallet = new_wallet()
    posted = together([partial(services.credit, user_id=wallet.pk, amount=5, reference_id="once")] * 50)
    assert sorted(each.replayed for each in posted) == [False] + [True] * 49
    assert len({each.transaction.transaction_id for each in posted}) == 1
    assert Wallet.objects.get().balance == 5


@pytest.mark.django_db(transaction=True)
def test_a_callers_own_transaction_is_not_grouped(grouped: list[int]) -> None:
    wallet = new_wallet()
    grouped.clear()
    with pytest.raises(RuntimeError), atomic():
        services.credit(user_id=wallet.pk, amount=5, reference_id="with-an-order")
        raise RuntimeError
    assert grouped == []
    assert Wallet.objects.get().balance == 0, "its commit decides"


@pytest.mark.django_db(transaction=True)
def test_a_full_queue_is_503_and_moves_nothing(
    grouped: list[int], api: Api, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = new_wallet(100)
    settings.GROUP_COMMIT_QUEUE = 1
    posting._group._led = True
    posting._group._queue.append(group_commit._Waiting(("somebody", "else")))  # type: ignore[arg-type]
    reply = api.debit(wallet.pk, 5, "r")
    assert reply.answer == (503, {"error": "Too many requests at once, try again shortly"})
    assert reply.headers["Retry-After"] == "1"
    assert not Transaction.objects.filter(reference_id="r").exists()
    assert Wallet.objects.get().balance == Decimal(100)


@pytest.mark.engine("mysql")
@pytest.mark.django_db(transaction=True)
def test_a_group_whose_connection_is_lost_is_written_all_the_same(
    grouped: list[int], together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    wallet = new_wallet(1000)
    write = posting._write
    lost = threading.Event()

    def loses_it_once(draft: Any) -> None:
        write(draft)
        if len(draft.rows) > 1 and not lost.is_set():
            lost.set()
            connection.connection.kill(connection.connection.thread_id())

    monkeypatch.setattr(posting, "_write", loses_it_once)
    while not lost.is_set():
        before = Transaction.objects.count()
        debit = partial(services.debit, user_id=wallet.pk, amount=1)
        together([partial(debit, reference_id=f"{before}-{number}") for number in range(16)])
    rows = Transaction.objects.filter(type="DEBIT").count()
    assert rows % 16 == 0, "each once"
    assert Wallet.objects.get().balance == 1000 - rows
    assert verify(Scope(), {}).findings == []
