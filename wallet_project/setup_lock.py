"""One process at a time sets a database up, however many are started on it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 120


@contextmanager
def alone(connection: Any) -> Iterator[None]:
    """Hold the database's set-up lock. It goes with the process or its connection, so that it cannot stay behind."""
    if connection.vendor == "sqlite":
        with Path(f"{connection.settings_dict['NAME']}.setup-lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(CONCAT(DATABASE(), '.setup'), %s)", [SECONDS])
        yield
        cursor.execute("SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.setup'))")
