"""Counters that all processes share, in a file or in Redis."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts import limiter
from accounts.callers import ANYONE, Caller
from accounts.exceptions import TooManyRequests
from accounts.limiter import FileStorage, count_request, count_sign_in, require_counters
from accounts.portions import PORTIONS, Portions
from tests.database_server import free_port
from tests.redis_server import redis_server

SHOP = Caller(name="shop", key="abc", actor="client:shop", scopes=(), requests_per_minute=10)


def taken(caller: Caller, tries: int) -> int:
    count = 0
    for _ in range(tries):
        try:
            count_request(caller)
        except TooManyRequests:
            continue
        count += 1
    return count


def test_a_minute_later_there_is_a_new_share() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert taken(SHOP, 15) == 10
        clock.shift(30)
        with pytest.raises(TooManyRequests) as refused:
            count_request(SHOP)
        assert refused.value.seconds == 30
        clock.shift(30)
        assert taken(SHOP, 15) == 10


def test_processes_use_up_a_large_share_together_and_no_more() -> None:
    """Each takes a hundredth at a time: what one has not used when another is refused is less than that."""
    share = 1000
    processes = [Portions(), Portions(), Portions()]
    common = {"taken": 0}

    def take(number: int) -> float | None:
        common["taken"] += number
        return time.time() + 60 if common["taken"] <= share else None

    used = sum(portions.use_one("shop", share, take) for _ in range(share) for portions in processes)
    assert used == share
    assert common["taken"] >= share
    alone, idle = Portions(), Portions()
    common["taken"] = 0
    assert idle.use_one("shop", share, take)
    assert sum(alone.use_one("shop", share, take) for _ in range(2 * share)) == share - share // PORTIONS


def test_a_portion_of_the_last_minute_is_worth_nothing_in_this_one() -> None:
    asked: list[int] = []

    def take(number: int) -> float:
        asked.append(number)
        return time.time() + 60

    portions = Portions()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert portions.use_one("shop", 1000, take)
        assert portions.use_one("shop", 1000, take)
        assert asked == [10]
        clock.shift(60)
        assert portions.use_one("shop", 1000, take)
        assert asked == [10, 10]


def test_who_came_without_a_key_is_not_counted() -> None:
    assert taken(ANYONE, 200) == 200


def test_sixteen_threads_take_no_more_than_one_would() -> None:
    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(lambda _: taken(SHOP, 5), range(16))) == 10


def test_many_attempts_to_sign_in_at_once_are_no_more_than_one_after_the_other() -> None:
    def attempt(address: str) -> bool:
        try:
            count_sign_in(name="asha", address=address)
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(attempt, [f"10.0.0.{n}" for n in range(40)])) == 10


def test_one_address_tries_thirty_names_a_minute() -> None:
    for number in range(30):
        count_sign_in(name=f"name-{number}", address="10.0.0.1")
    with pytest.raises(TooManyRequests):
        count_sign_in(name="one-more", address="10.0.0.1")
    count_sign_in(name="one-more", address="10.0.0.2")


@pytest.mark.parametrize("damage", [b"no database at all", b"SQLite format 3\x00" + b"\xff" * 8176])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "damaged.sqlite3"
    path.write_bytes(damage)
    storage = FileStorage(f"file://{path}")
    assert [storage.incr("k", 60) for _ in range(3)] == [1, 2, 3]
    assert "counting begins anew" in caplog.text


def test_a_file_damaged_while_it_is_in_use_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "damaged.sqlite3"
    storage, other = FileStorage(f"file://{path}"), FileStorage(f"file://{path}")
    for number in range(2000):
        storage.incr(f"key-{number}", 60)
    for suffix in ("", "-wal"):
        Path(f"{path}{suffix}").write_bytes(b"\xff" * 50_000)
    other.incr("a", 60)  # opens the file, and sees it
    assert [one.incr("k", 60) for one in (storage, other, storage, other)] == [1, 2, 3, 4]


def test_processes_share_the_file(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite3"
    program = (
        "import sys; from accounts.limiter import FileStorage\n"
        "storage = FileStorage('file://' + sys.argv[1])\n"
        "print(sum(storage.incr('k', 60) <= 100 for _ in range(80)))"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", program, path],
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    counts = [int(child.communicate(timeout=60)[0]) for child in children]
    assert sum(counts) == 100
    assert FileStorage(f"file://{path}").get("k") == 320


def test_counters_that_cannot_be_kept_are_said_at_the_start(settings: Any) -> None:
    for url in ("file:///nowhere/at/all.sqlite3", f"redis://127.0.0.1:{free_port()}/0"):
        settings.LIMITS_URL = url
        with pytest.raises(OSError, match="LIMITS_URL names counters that"):
            require_counters()


def test_redis_counts_for_several_machines(tmp_path: Path, settings: Any) -> None:
    with redis_server(tmp_path) as settings.LIMITS_URL:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                require_counters()
                break
            except OSError:
                limiter._limiter.cache_clear()
                time.sleep(0.05)
        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(lambda _: taken(SHOP, 5), range(8))) == 10
