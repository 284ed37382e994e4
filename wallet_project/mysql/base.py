"""Django's MySQL backend, with fewer round trips to the server: each request and each posting makes several; and with
times that are read by C and not by Python: a page of a wallet's history has many.

A transaction begins with BEGIN and ends with COMMIT, where Django turns autocommit off before and on after. A
connection that was found to be good a moment ago is not asked again; what is lost all the same is tried again by
`ledger.retrying`.
"""

from datetime import datetime
from time import monotonic
from typing import Any

from django.db.backends.mysql import base, operations
from MySQLdb.constants import FIELD_TYPE

TRUSTED_SECONDS = 1


class DatabaseOperations(operations.DatabaseOperations):
    """How values are written and read."""

    def convert_datetimefield_value(self, value: datetime | None, expression: Any, connection: Any) -> datetime | None:
        return None if value is None else value.replace(tzinfo=self.connection.timezone)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to MySQL or MariaDB."""

    health_check_done: bool
    _good_at: float = 0
    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        return parameters | {"conv": parameters["conv"] | {FIELD_TYPE.DATETIME: datetime.fromisoformat}}

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
