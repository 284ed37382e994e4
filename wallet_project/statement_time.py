"""How long one statement may take on SQLite; of MySQL and MariaDB the settings ask it themselves."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

_STEPS = 100_000  # of SQLite's machine, some milliseconds, after which the time is looked at


class _Deadline:
    """When the statement that a connection carries out has to be done."""

    def __init__(self) -> None:
        self._at = 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self._at = monotonic() + settings.STATEMENT_SECONDS
        return execute(sql, params, many, context)

    def is_over(self) -> bool:
        """SQLite's progress handler: true interrupts the statement."""
        return monotonic() > self._at


def limit() -> None:
    """Have every new SQLite connection of this process interrupt what takes longer than STATEMENT_SECONDS."""
    if settings.STATEMENT_SECONDS:
        connection_created.connect(_limit_on, dispatch_uid="statement_time")


def _limit_on(connection: Any, **_: Any) -> None:
    if connection.vendor != "sqlite":
        return
    deadline = next((each for each in connection.execute_wrappers if isinstance(each, _Deadline)), None)
    if deadline is None:
        deadline = _Deadline()
        connection.execute_wrappers.append(deadline)
    connection.connection.set_progress_handler(deadline.is_over, _STEPS)
