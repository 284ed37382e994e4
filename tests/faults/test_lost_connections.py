"""The database goes away in the middle of a debit: the caller gets the right answer or a 503, and a retry the truth."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.db.transaction import atomic

import ledger.services
from ledger import retrying
from ledger.models import Transaction
from tests.conftest import Api, Reply
from tests.factories import new_wallet
from tests.faults.proxy import Cut, Proxy
from tests.invariants import assert_ledger_is_sound
from tests.threads import in_a_thread
from wallets import posting, services
from wallets.models import Wallet
from wallets.posting import Posted

pytestmark = pytest.mark.django_db(transaction=True)

UNKNOWN = (503, {"error": "Outcome unknown, retry with the same referenceId"})


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    target = connection.settings_dict
    proxy = Proxy(target["HOST"], int(target["PORT"]))
    yield proxy
    with suppress(OSError):  # a test may have closed it
        proxy.close()


def kill(connection_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"KILL {connection_id}")


def connection_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CONNECTION_ID()")
        return int(cursor.fetchone()[0])


@pytest.mark.engine("mysql")
def test_a_debit_killed_while_it_waits_for_its_wallet_is_tried_again() -> None:
    wallet = new_wallet(100)
    victim: list[int] = []
    started = threading.Event()

    def debit() -> Reply:
        victim.append(connection_id())
        started.set()
        return Api().debit(wallet.pk, 30, "r")

    with atomic():
        Wallet.objects.select_for_update().get(pk=wallet.pk)
        reply = in_a_thread(debit, CONN_MAX_AGE=600)
        started.wait(10)
        time.sleep(0.2)  # long enough for the debit to stand in the queue for the lock
        kill(victim[0])
        time.sleep(0.2)
        assert not reply.done()
    assert reply.result(20).answer == (200, {"message": "Wallet debited successfully", "balance": 70})
    assert "Idempotent-Replayed" not in reply.result().headers
    assert_ledger_is_sound()


@pytest.mark.engine("mysql")
def test_a_debit_killed_between_its_row_and_its_balance_leaves_nothing_half_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wallet = new_wallet(100)
    killed: list[int] = []

    def record_and_die(rows: list[Transaction]) -> None:
        ledger.services.record(rows)
        if not killed:
            killed.append(connection_id())
            in_a_thread(lambda: kill(killed[0])).result(10)

    monkeypatch.setattr(posting, "record", record_and_die)
    reply = in_a_thread(lambda: Api().debit(wallet.pk, 30, "r")).result(20)
    assert killed
    assert reply.answer == (200, {"message": "Wallet debited successfully", "balance": 70})
    assert Transaction.objects.filter(reference_id="r").count() == 1
    assert_ledger_is_sound()


@pytest.mark.engine("mysql")
@pytest.mark.parametrize("cut", list(Cut))
def test_a_connection_cut_at_commit_gets_the_right_answer_once(proxy: Proxy, cut: Cut) -> None:
    wallet = new_wallet(100)
    proxy.arm(cut)
    reply = in_a_thread(lambda: Api().debit(wallet.pk, 30, "r"), PORT=proxy.port).result(20)
    assert proxy.cuts == 1
    assert reply.answer == (200, {"message": "Wallet debited successfully", "balance": 70})
    assert "Idempotent-Replayed" not in reply.headers, "its own commit is no earlier request"
    assert Transaction.objects.filter(reference_id="r").count() == 1
    assert_ledger_is_sound()


@pytest.mark.engine("mysql")
@pytest.mark.parametrize("cut", list(Cut))
def test_a_refused_debit_cut_at_commit_is_refused_once(proxy: Proxy, cut: Cut) -> None:
    wallet = new_wallet(10)
    proxy.arm(cut)
    reply = in_a_thread(lambda: Api().debit(wallet.pk, 30, "r"), PORT=proxy.port).result(20)
    assert reply.answer == (400, {"error": "Insufficient balance"})
    assert Transaction.objects.filter(reference_id="r").count() == 1
    assert_ledger_is_sound()


@pytest.fixture
def alone(settings: Any) -> None:
    """Without group commit, which makes one try more."""
    settings.GROUP_COMMIT = False


@pytest.mark.engine("mysql")
@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("cut", list(Cut))
def test_when_the_retries_are_used_up_the_answer_is_unknown_and_a_retry_gives_the_truth(
    proxy: Proxy, cut: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retrying, "ATTEMPTS", 1)
    wallet = new_wallet(100)
    proxy.arm(cut, times=1)
    reply = in_a_thread(lambda: Api().debit(wallet.pk, 30, "r"), PORT=proxy.port).result(20)
    assert reply.answer == UNKNOWN
    assert reply.headers["Retry-After"] == "1"
    again = Api().debit(wallet.pk, 30, "r")
    assert again.answer == (200, {"message": "Wallet debited successfully", "balance": 70})
    assert ("Idempotent-Replayed" in again.headers) is (cut is Cut.AFTER_COMMIT)
    assert_ledger_is_sound()


@pytest.mark.engine("mysql")
def test_a_database_that_is_gone_is_said_to_be_and_nothing_is_stored(proxy: Proxy) -> None:
    wallet = new_wallet(100)
    proxy.close()
    money = in_a_thread(lambda: Api().debit(wallet.pk, 30, "r"), PORT=proxy.port).result(20)
    assert money.answer == UNKNOWN
    read = in_a_thread(lambda: Api().get(f"/wallets/{wallet.pk}"), PORT=proxy.port).result(20)
    assert read.answer == (503, {"error": "The database is busy or not reachable, try again shortly"})
    ready = in_a_thread(lambda: Api().get("/health/ready"), PORT=proxy.port).result(20)
    assert ready.answer == (503, {"error": "The database is not reachable"})
    assert not Transaction.objects.filter(reference_id="r").exists()


@pytest.mark.engine("mysql")
def test_a_connection_that_died_while_idle_is_not_noticed_by_the_caller() -> None:
    wallet = new_wallet(100)

    def idle_then_debit() -> Reply:
        mine = connection_id()
        in_a_thread(lambda: kill(mine)).result(10)
        return Api().debit(wallet.pk, 30, "r")

    assert in_a_thread(idle_then_debit, CONN_MAX_AGE=600).result(20).status == 200
    assert_ledger_is_sound()


@pytest.mark.engine("mysql")
def test_a_lock_that_is_not_given_in_time_is_waited_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    wallet = new_wallet(100)

    def debit() -> Reply:
        with connection.cursor() as cursor:
            cursor.execute("SET innodb_lock_wait_timeout=1")
        return Api().debit(wallet.pk, 30, "r")

    with atomic():
        Wallet.objects.select_for_update().get(pk=wallet.pk)
        reply = in_a_thread(debit, CONN_MAX_AGE=600)
        time.sleep(1.5)
        assert not reply.done()
    assert reply.result(20).status == 200
    assert_ledger_is_sound()


@pytest.mark.engine("mysql")
def test_two_batches_that_deadlock_on_references_both_get_through() -> None:
    """Inside a caller's own transaction the order of locks is the caller's, and one of the two is the victim."""
    one, two = new_wallet(), new_wallet()
    first_locked, second_locked = threading.Event(), threading.Event()

    def one_then_two() -> Posted:
        with atomic():
            Wallet.objects.select_for_update().get(pk=one.pk)
            first_locked.set()
            second_locked.wait(10)
            Wallet.objects.select_for_update().get(pk=two.pk)
            return services.credit(user_id=one.pk, amount=1, reference_id="a")

    def two_then_one() -> Posted:
        with atomic():
            Wallet.objects.select_for_update().get(pk=two.pk)
            second_locked.set()
            first_locked.wait(10)
            Wallet.objects.select_for_update().get(pk=one.pk)
            return services.credit(user_id=two.pk, amount=1, reference_id="b")

    def stubborn(call: Callable[[], Posted]) -> Callable[[], Posted]:
        return lambda: retrying.retried(call)

    results = [in_a_thread(stubborn(one_then_two)), in_a_thread(stubborn(two_then_one))]
    assert [result.result(20).transaction.status for result in results] == ["SUCCESS", "SUCCESS"]
    assert_ledger_is_sound()


@pytest.mark.engine("sqlite")
def test_a_database_file_that_stays_locked_is_unknown_and_a_retry_gives_the_truth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retrying, "ATTEMPTS", 2)
    wallet = new_wallet(100)
    options = connection.settings_dict["OPTIONS"] | {"timeout": 0.1}
    with atomic():
        Wallet.objects.filter(pk=wallet.pk).update(status="ACTIVE")
        reply = in_a_thread(lambda: Api().debit(wallet.pk, 30, "r"), OPTIONS=options).result(20)
        assert reply.answer == UNKNOWN
    assert Api().debit(wallet.pk, 30, "r").status == 200
    assert_ledger_is_sound()


@pytest.mark.engine("sqlite")
def test_a_database_file_that_is_locked_for_a_moment_is_waited_for() -> None:
    wallet = new_wallet(100)
    options = connection.settings_dict["OPTIONS"] | {"timeout": 0.05}
    with atomic():
        Wallet.objects.filter(pk=wallet.pk).update(status="ACTIVE")
        reply = in_a_thread(lambda: Api().debit(wallet.pk, 30, "r"), OPTIONS=options)
        time.sleep(0.08)
    assert reply.result(20).status == 200
    assert_ledger_is_sound()


@pytest.mark.usefixtures("alone")
def test_an_error_that_no_retry_can_mend_is_not_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    wallet = new_wallet(100)
    tries: list[int] = []

    def broken(*_: object) -> None:
        tries.append(1)
        raise OperationalError(1644, "a trigger refuses")

    monkeypatch.setattr(posting, "record", broken)
    assert Api().debit(wallet.pk, 30, "r").answer == (500, {"error": "Internal server error"})
    assert tries == [1]
    monkeypatch.undo()
    assert Api().debit(wallet.pk, 30, "r").status == 200
    assert_ledger_is_sound()


def test_a_sequence_that_another_process_wrote_first_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The net under the lock: with a stale wallet in hand, the constraint refuses, and the next try reads it anew."""
    wallet = new_wallet(100)
    stale = Wallet.objects.get(pk=wallet.pk)
    services.debit(user_id=wallet.pk, amount=10, reference_id="first")
    lock = posting._lock
    handed: list[Wallet] = []

    def stale_once(user_ids: set[int]) -> dict[int, Wallet]:
        if handed:
            return lock(user_ids)
        handed.append(stale)
        return {stale.pk: stale}

    monkeypatch.setattr(posting, "_lock", stale_once)
    posted = services.debit(user_id=wallet.pk, amount=30, reference_id="second")
    assert (posted.transaction.balance_after, posted.transaction.sequence) == (60, 3)
    assert_ledger_is_sound()


def test_inside_a_callers_atomic_nothing_is_retried_and_the_error_dooms_it(monkeypatch: pytest.MonkeyPatch) -> None:
    wallet = new_wallet(100)
    tries: list[int] = []

    def deadlocked(*_: object) -> None:
        tries.append(1)
        raise OperationalError(1213, "Deadlock found when trying to get lock")

    monkeypatch.setattr(posting, "_store", deadlocked)
    with atomic():
        with pytest.raises(OperationalError):
            services.debit(user_id=wallet.pk, amount=30, reference_id="r")
        assert connection.needs_rollback, "a caller that swallows the error cannot commit the half of it"
    assert tries == [1]
    assert not Transaction.objects.filter(reference_id="r").exists()
    connections.close_all()
