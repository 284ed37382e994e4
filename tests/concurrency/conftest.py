"""Callers that call at the same moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from django.db import connections

Result = TypeVar("Result")


@pytest.fixture
def together() -> Callable[[Sequence[Callable[[], Result]]], list[Result]]:
    """`together(calls)` makes each call in a thread of its own, all at once, and answers their results in order."""

    def run(calls: Sequence[Callable[[], Result]]) -> list[Result]:
        barrier = Barrier(len(calls))

        def one(call: Callable[[], Result]) -> Result:
            try:
                barrier.wait(30)
                return call()
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(one, calls))

    return run
