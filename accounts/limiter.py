"""How much a client may do in a minute, counted across all processes: in a file of this machine, or in Redis.

A counter that cannot be reached stops nobody: that is logged, and the money goes on.
"""

import logging
import math
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from accounts.callers import Caller
from accounts.exceptions import TooManyRequests

logger = logging.getLogger(__name__)


class FileStorage(Storage):
    """Counters in a SQLite file, which the processes of one machine share. It is worth nothing after a minute."""

    STORAGE_SCHEME = ["file"]

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = Path(urlsplit(uri).path)
        self._local = threading.local()

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._opened()
        return connection

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=1, isolation_level=None)
        connection.execute("PRAGMA synchronous=OFF")
        # Turning the log on does not wait for others, as everything else does: whoever comes second finds it on.
        for last in (False,) * 50 + (True,):
            try:
                connection.execute("PRAGMA journal_mode=WAL")
                break
            except sqlite3.OperationalError:
                if last:
                    raise
                time.sleep(0.02)
        connection.execute(
            "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, count INTEGER, expires REAL) WITHOUT ROWID"
        )
        return connection

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        sql = (
            "INSERT INTO counters VALUES (:key, :amount, :expires) ON CONFLICT (key) DO UPDATE SET "
            "count = CASE WHEN expires <= :now THEN :amount ELSE count + :amount END, "
            "expires = CASE WHEN expires <= :now THEN :expires ELSE expires END RETURNING count"
        )
        values = {"key": key, "amount": amount, "now": now, "expires": now + expiry}
        [(count,)] = self._connection().execute(sql, values).fetchall()
        return int(count)

    def get(self, key: str) -> int:
        sql = "SELECT count FROM counters WHERE key = ? AND expires > ?"
        row = self._connection().execute(sql, (key, time.time())).fetchone()
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        row = self._connection().execute("SELECT expires FROM counters WHERE key = ?", (key,)).fetchone()
        return float(row[0]) if row else time.time()

    def check(self) -> bool:
        self._connection().execute("SELECT 1 FROM counters").fetchone()
        return True

    def reset(self) -> int | None:
        return self._connection().execute("DELETE FROM counters").rowcount

    def clear(self, key: str) -> None:
        self._connection().execute("DELETE FROM counters WHERE key = ?", (key,))


@cache
def _limiter(uri: str) -> FixedWindowRateLimiter:
    options = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2} if uri.startswith("redis") else {}
    return FixedWindowRateLimiter(storage_from_string(uri, wrap_exceptions=True, **options))


def require_counters() -> None:
    """Raise OSError, with a sentence, when the counters cannot be kept where the settings say."""
    try:
        good = _limiter(settings.LIMITS_URL).storage.check()
    except Exception as error:
        raise OSError(f"LIMITS_URL names counters that cannot be used: {error}") from error
    if not good:
        raise OSError("LIMITS_URL names counters that do not answer")


def count_request(caller: Caller) -> None:
    """Count a request made with the caller's key. Raises TooManyRequests when the key has had its share of a minute."""
    most = RateLimitItemPerMinute(caller.requests_per_minute or settings.REQUESTS_PER_MINUTE)
    if caller.key and not _asked(lambda limiter: limiter.hit(most, "requests", caller.key)):
        raise TooManyRequests("requests", _seconds_left(most, "requests", caller.key))


def require_room_for_failures(caller: Caller) -> None:
    """Raise TooManyRequests when so many of the client's operations have failed that it may ask for no more now."""
    most = RateLimitItemPerMinute(settings.FAILURES_PER_MINUTE)
    if caller.key and not _asked(lambda limiter: limiter.test(most, "failures", caller.name)):
        raise TooManyRequests("failed operations", _seconds_left(most, "failures", caller.name))


def count_failures(caller: Caller, number: int) -> None:
    """Count operations of the client that became FAILED rows: each is kept for ever."""
    most = RateLimitItemPerMinute(settings.FAILURES_PER_MINUTE)
    if caller.key and number:
        _asked(lambda limiter: limiter.hit(most, "failures", caller.name, cost=number))


def _asked(question: Callable[[FixedWindowRateLimiter], bool]) -> bool:
    try:
        return question(_limiter(settings.LIMITS_URL))
    except StorageError as error:
        logger.warning("not counted: %s", error)
        return True


def _seconds_left(most: RateLimitItemPerMinute, *who: str) -> int:
    try:
        reset = _limiter(settings.LIMITS_URL).get_window_stats(most, *who).reset_time
    except StorageError:
        return 60
    return max(1, math.ceil(reset - time.time()))
