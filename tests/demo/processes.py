"""A long story told by several processes, each its own parts, in step: no hour begins before all have ended the last.

Nobody of one part knows anybody of another, so that they meet at no wallet. Imports no model before Django is set up
in the new process.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from datetime import datetime
from multiprocessing import get_context
from threading import BrokenBarrierError
from typing import TYPE_CHECKING, Any

import django
from django.db import DEFAULT_DB_ALIAS, connections

if TYPE_CHECKING:
    from tests.demo.parts import Part
    from tests.demo.telling import Told

_shared: dict[str, Any] = {}  # of a new process: what all wait at, and where all count


def tell_in_processes(
    parts: Sequence["Part"], processes: int, *, now: datetime, size: int, progress: Callable[[int], object]
) -> "Told":
    """What came of telling `parts`; raises what a process raised."""
    context = get_context("spawn")
    barrier, counter = context.Barrier(processes), context.Value("q")
    database = connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]
    connections.close_all()
    with ProcessPoolExecutor(processes, context, _start, (database, barrier, counter)) as pool:
        telling = [pool.submit(_tell, parts[number::processes], now, size) for number in range(processes)]
        shown = 0
        while wait(telling, timeout=0.5).not_done:
            progress(counter.value - shown)
            shown = counter.value
    return _sum(telling)


def _sum(telling: Sequence[Future["Told"]]) -> "Told":
    errors = [error for done in telling if (error := done.exception())]
    for error in errors:
        if not isinstance(error, BrokenBarrierError):  # with which the others end when one has failed
            raise error
    first, *others = [done.result() for done in telling]
    for other in others:
        first.add(other)
    return first


def _start(database: str, barrier: Any, counter: Any) -> None:
    django.setup()
    # The parent's database, also where that is a test's.
    connections[DEFAULT_DB_ALIAS].settings_dict["NAME"] = database
    _shared.update(barrier=barrier, counter=counter)


def _tell(parts: Sequence["Part"], now: datetime, size: int) -> "Told":
    from tests.demo.telling import tell

    barrier = _shared["barrier"]
    try:
        return tell([part.story() for part in parts], now=now, size=size, progress=_count, in_step=barrier.wait)
    except BaseException:
        barrier.abort()
        raise


def _count(rows: int) -> None:
    with _shared["counter"].get_lock():
        _shared["counter"].value += rows
