"""Django's SQLite backend, which looks for the write lock every millisecond.

SQLite itself looks less and less often, up to ten times a second: whoever has bad luck waits a tenth of a second for a
lock that the others hold for a few milliseconds (sqlite3_busy_timeout, https://www.sqlite.org/c3ref/busy_timeout.html).
"""

from time import monotonic, sleep
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

from ledger.database_errors import is_transient

LOOK_SECONDS = 0.001


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to an SQLite file."""

    def _start_transaction_under_autocommit(self) -> None:
        # Django asks for this where it is to begin a transaction, which takes the write lock.
        patience: float = self.settings_dict["OPTIONS"]["timeout"]
        until = monotonic() + patience
        with self.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
            try:
                while not self._has_begun(cursor, may_fail=monotonic() < until):
                    sleep(LOOK_SECONDS)
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {round(1000 * patience)}")

    def _has_begun(self, cursor: Any, *, may_fail: bool) -> bool:
        try:
            cursor.execute(f"BEGIN {self.settings_dict['OPTIONS']['transaction_mode']}")
        except OperationalError as error:
            if may_fail and is_transient(error):
                return False
            raise
        return True
