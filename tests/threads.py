"""A call in a thread of its own, on a database connection of its own."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection

Result = TypeVar("Result")


def in_a_thread(call: Callable[[], Result], **settings: Any) -> Future[Result]:
    """Make `call` in a thread of its own, on a database connection of its own with these settings changed."""

    def run() -> Result:
        connection.settings_dict = connection.settings_dict | settings
        try:
            return call()
        finally:
            connection.close()

    threads = ThreadPoolExecutor(1)
    future = threads.submit(run)
    threads.shutdown(wait=False)
    return future
