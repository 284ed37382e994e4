"""Django's MySQL backend, with fewer round trips to the server: each request and each posting makes several.

A transaction begins with BEGIN and ends with COMMIT, where Django turns autocommit off before and on after. A
connection that was found to be good a moment ago is not asked again; what is lost all the same is tried again by
`ledger.retrying`.
"""

from time import monotonic

from django.db.backends.mysql import base

TRUSTED_SECONDS = 1


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to MySQL or MariaDB."""

    health_check_done: bool
    _good_at: float = 0

    def _start_transaction_under_autocommit(self) -> None:
        # Django asks for this where it is to begin a transaction without turning autocommit off.
        with self.cursor() as cursor:
            cursor.execute("BEGIN")

    def close_if_health_check_failed(self) -> None:
        if not self.health_check_done and monotonic() - self._good_at < TRUSTED_SECONDS:
            self.health_check_done = True
        asked = not self.health_check_done
        super().close_if_health_check_failed()
        if asked:
            self._good_at = monotonic()
