"""One thread that carries out many requests at once: they share a commit, or a query, without a thread for each.

Each request is a greenlet: ordinary code, which gives way to the others at one place only, where it asks for something
that can be done for many at once. The lane first lets all requests that have come get that far, then does what they
ask for together, then lets each of them go on. Threads, of which one at a time runs Python anyway, spent as much on
handing over to each other as on the money.

A greenlet never gives way inside of a database transaction, so that they share the thread's connection.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from greenlet import getcurrent, greenlet

logger = logging.getLogger(__name__)

# How much is done together: few enough for one statement, and for the first of them not to wait long.
MOST_TOGETHER = 64
# Threads for what could not be done together, each of which may have to wait for a lock.
ALONE = 16

Work = Callable[[], Any]
Together = Callable[[Sequence[Any]], Sequence[Any]]
Alone = Callable[[Any], Any]
# What was asked for first, and what came of it: a value or an exception.
Finished = list[tuple[Any, Any, BaseException | None]]

_here = threading.local()


def current_lane() -> "Lane | None":
    """The lane that this code runs in, if it does."""
    return getattr(_here, "lane", None)


def share(asked: Any, together: Together, alone: Alone) -> Any:
    """What `together` answers for `asked` and all that is asked in this lane meanwhile; outside of a lane, `alone`."""
    lane = current_lane()
    return alone(asked) if lane is None else lane.share(asked, together, alone)


class Lane:
    """A thread and the requests that it carries out. `finished` is told, in that thread, what came of several."""

    def __init__(self, finished: Callable[[Finished], object]) -> None:
        self._finished = finished
        self._ready: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        # Who waits, and for what, by how it is done.
        self._parked: dict[tuple[Together, Alone], list[tuple[Any, Any]]] = {}
        self._waiting = 0
        self._done: Finished = []
        self._alone = ThreadPoolExecutor(ALONE, thread_name_prefix="alone")
        self._taken = self._told = 0  # each written by one thread only
        self._thread = threading.Thread(target=self._run, name="lane", daemon=True)
        self._thread.start()

    @property
    def under_way(self) -> int:
        """How many requests were taken and are not finished."""
        return self._taken - self._told

    def carry_out(self, token: Any, work: Work) -> None:
        """Let `work` be done in the lane; `finished` is told the token and what came of it. Called by one thread."""
        self._taken += 1
        self._ready.put(partial(self._begin, token, work))

    def stop(self) -> None:
        """Finish what was taken, and end the thread."""
        self._ready.put(None)
        self._thread.join()
        self._alone.shutdown()

    def share(self, asked: Any, together: Together, alone: Alone) -> Any:
        """Called within the lane: what `together` answers for `asked` and all that wait for the same with it.

        When it fails, each goes alone, in a thread of its own, and the lane goes on meanwhile.
        """
        self._parked.setdefault((together, alone), []).append((getcurrent(), asked))
        self._waiting += 1
        answer = self._hub.switch()
        return answer.result() if isinstance(answer, Future) else answer

    def _begin(self, token: Any, work: Work) -> None:
        greenlet(partial(self._work, token, work)).switch()

    def _work(self, token: Any, work: Work) -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as caught:  # whoever asked is told; the lane goes on
            error = caught
        self._done.append((token, result, error))

    def _run(self) -> None:
        _here.lane, self._hub = self, getcurrent()
        stopping = False
        while not stopping or self.under_way:
            stopping = self._take_what_is_ready() or stopping
            if self._parked:
                self._serve_the_waiting()
            if self._done:
                done, self._done = self._done, []
                self._told += len(done)
                self._finished(done)

    def _take_what_is_ready(self) -> bool:
        """Let what has come run as far as it can. Answers whether the lane is to stop."""
        stopping = False
        while self._waiting < MOST_TOGETHER:
            try:
                # Only where nobody waits for an answer is there time to wait for somebody to come.
                ready = self._ready.get(block=not (self._parked or self._done or stopping))
            except Empty:
                break
            if ready is None:
                stopping = True
            else:
                ready()
        return stopping

    def _serve_the_waiting(self) -> None:
        parked, self._parked, self._waiting = self._parked, {}, 0
        for (together, alone), group in parked.items():
            try:
                answers = together([asked for _, asked in group])
                answered = list(zip(group, answers, strict=True))
            except Exception as error:
                logger.info("%d go alone: %s", len(group), error)
                for waiting, asked in group:
                    future = self._alone.submit(alone, asked)
                    future.add_done_callback(partial(self._resume_later, waiting))
            else:
                for (waiting, _), answer in answered:
                    waiting.switch(answer)

    def _resume_later(self, waiting: Any, future: "Future[Any]") -> None:
        self._ready.put(partial(waiting.switch, future))
