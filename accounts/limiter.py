"""How much a client may do in a minute, counted across all processes: in a file of this machine, or in Redis.

A counter that cannot be reached stops nobody: that is logged, and the money goes on.
"""

import logging
import math
import sqlite3
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from accounts.callers import Caller
from accounts.exceptions import TooManyRequests
from accounts.portions import Portions

logger = logging.getLogger(__name__)

# In a minute. A whole office may sign in from one address at nine o'clock.
_SIGN_INS_OF_NAME, _SIGN_INS_OF_ADDRESS = 10, 30

_portions = Portions()
# Clients that had room for failures, and until when that is taken for granted; what other processes have counted
# meanwhile is charged to the minutes that follow, like the failures of a batch.
_room_until: dict[str, float] = {}
_TRUSTED_SECONDS = 0.5
# When the counters could not be reached, they are asked again after this long.
_UNCOUNTED_SECONDS = 1


class FileStorage(Storage):
    """Counters in a SQLite file, which the processes of one machine share. It is worth nothing after a minute."""

    STORAGE_SCHEME = ["file"]

    def __init__(self, uri: str, wrap_exceptions: bool = False, **options: float | str | bool) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions, **options)
        self._path = Path(urlsplit(uri).path)
        self._local = threading.local()
        self._abandoned: list[sqlite3.Connection | None] = []

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection to the file that has the name now: one that was damaged is another file's."""
        connection, file = getattr(self._local, "opened", (None, 0))
        if connection is None or file != self._file():
            # The old one is kept: closing it would remove the log that lies beside the new file, by its name.
            self._abandoned.append(connection)
            connection = self._opened()
            self._local.opened = connection, self._file()
        return connection

    def _file(self) -> int:
        try:
            return self._path.stat().st_ino
        except FileNotFoundError:
            return 0

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
        [(count,)] = self._rows(sql, values)
        return int(count)

    def get(self, key: str) -> int:
        rows = self._rows("SELECT count FROM counters WHERE key = :key AND expires > :now", _now(key))
        return int(rows[0][0]) if rows else 0

    def get_expiry(self, key: str) -> float:
        rows = self._rows("SELECT expires FROM counters WHERE key = :key", _now(key))
        return float(rows[0][0]) if rows else time.time()

    def check(self) -> bool:
        self._rows("SELECT 1 FROM counters LIMIT 1")
        return True

    def reset(self) -> int | None:
        return len(self._rows("DELETE FROM counters RETURNING 1"))

    def clear(self, key: str) -> None:
        self._rows("DELETE FROM counters WHERE key = :key", _now(key))

    def _rows(self, sql: str, values: dict[str, Any] | None = None) -> list[Any]:
        try:
            return self._connection().execute(sql, values or {}).fetchall()
        except sqlite3.DatabaseError as error:
            if not _is_damaged(error):
                raise
        logger.warning("%s is damaged: counting begins anew", self._path)
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        return self._connection().execute(sql, values or {}).fetchall()


def _is_damaged(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}


def _now(key: str) -> dict[str, Any]:
    return {"key": key, "now": time.time()}


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
    if not caller.key:
        return
    most = RateLimitItemPerMinute(caller.requests_per_minute or settings.REQUESTS_PER_MINUTE)
    limiter, who = _limiter(settings.LIMITS_URL), ("requests", caller.key)

    def take(number: int) -> float | None:
        try:
            taken = limiter.hit(most, *who, cost=number)
            return limiter.get_window_stats(most, *who).reset_time if taken else None
        except StorageError as error:
            logger.warning("not counted: %s", error)
            return time.time() + _UNCOUNTED_SECONDS

    if not _portions.use_one((settings.LIMITS_URL, caller.key, most.amount), most.amount, take):
        raise TooManyRequests("requests", _seconds_until_more(most, *who))


def count_sign_in(*, name: str, address: str | None) -> None:
    """Count an attempt to sign in to the back office, before its password is looked at.

    Wrong passwords lock a name and an address, once they are known to be wrong; this bounds how many are looked at
    meanwhile. Raises TooManyRequests.
    """
    for most, who in ((_SIGN_INS_OF_NAME, f"name:{name}"), (_SIGN_INS_OF_ADDRESS, f"address:{address}")):
        _count(RateLimitItemPerMinute(most), "attempts to sign in", who)


def require_room_for_failures(caller: Caller) -> None:
    """Raise TooManyRequests when so many of the client's operations have failed that it may ask for no more now."""
    if not caller.key or _room_until.get(caller.name, 0) > time.time():
        return
    try:
        first = _minute_with_room(caller)
    except StorageError as error:
        logger.warning("not counted: %s", error)
        first = 0
    if first <= _minute():
        _room_until[caller.name] = time.time() + _TRUSTED_SECONDS
    else:
        raise TooManyRequests("failed operations", max(1, math.ceil(first * 60 - time.time())))


def count_failures(caller: Caller, number: int) -> None:
    """Count operations of the client that became FAILED rows: each is kept for ever.

    How many of a batch fail is known when they have. What a minute has no room for is taken off those that follow it,
    so that a client that has overrun its share waits until it is paid.
    """
    if not caller.key or not number:
        return
    _room_until.pop(caller.name, None)
    minute = _minute()
    try:
        while number:
            number = min(number, max(0, _count_failures(caller, minute, number) - settings.FAILURES_PER_MINUTE))
            minute += 1
    except StorageError as error:
        logger.warning("not counted: %s", error)


def _minute() -> int:
    return int(time.time() // 60)


def _failures(caller: Caller, minute: int) -> str:
    return f"failures/{caller.name}/{minute}"


def _count_failures(caller: Caller, minute: int, number: int) -> int:
    """How many stand in the books of this minute, with `number` more."""
    seconds = math.ceil((minute + 1) * 60 - time.time())
    return _limiter(settings.LIMITS_URL).storage.incr(_failures(caller, minute), seconds, amount=number)


def _minute_with_room(caller: Caller) -> int:
    """The first minute, this one or one to come, in which the client may fail."""
    storage = _limiter(settings.LIMITS_URL).storage
    minute = _minute()
    while storage.get(_failures(caller, minute)) >= settings.FAILURES_PER_MINUTE:
        minute += 1
    return minute


def _count(most: RateLimitItem, what: str, who: str) -> None:
    try:
        if _limiter(settings.LIMITS_URL).hit(most, what, who):
            return
    except StorageError as error:
        logger.warning("not counted: %s", error)
        return
    raise TooManyRequests(what, _seconds_until_more(most, what, who))


def _seconds_until_more(most: RateLimitItem, what: str, who: str) -> int:
    try:
        reset = _limiter(settings.LIMITS_URL).get_window_stats(most, what, who).reset_time
    except StorageError:
        reset = time.time() + _UNCOUNTED_SECONDS
    return max(1, math.ceil(reset - time.time()))
