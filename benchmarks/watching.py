"""A figure that is looked at again and again while something else goes on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def watched(figure: Callable[[], float], *, every: float) -> Iterator[list[float]]:
    """What `figure` was, every so many seconds until the end of the block, and at its end."""
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(every):
            seen.append(figure())

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()
        seen.append(figure())
