"""Group commit: operations that arrive while a posting is being written wait for it, and become the next one together.

Each request still has its own answer, and gets it after the commit that wrote it. There is no timer and no thread of
its own: whoever comes first leads, writes what waits, and hands on to whoever came after. One commit for many is what
saves the time: a flush to the disk, a round trip, and the queue of everybody else at a hot wallet's lock.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from wallets.exceptions import OutcomeUnknown, TooBusy
from wallets.lanes import MOST_TOGETHER, current_lane

logger = logging.getLogger(__name__)

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

# Longer than any posting takes with all its tries. Whoever has waited so long asks again under the same referenceId.
MOST_SECONDS = 30


class _Waiting(Generic[Asked, Answer]):
    """One operation, and what its thread is woken for: an answer, to lead, or to go alone."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.woken = threading.Event()
        self.answer: Answer | None = None
        self.leads = False


class GroupCommit(Generic[Asked, Answer]):
    """A queue of operations, of which one thread at a time writes those that wait; in a lane, the lane does.

    `together` writes many in one transaction, in their order, and is tried once; `alone` writes one, with all the
    tries that it has. When `together` fails, each operation goes alone, in its own thread, so that a bad one, or a
    wallet that somebody has locked, fails and delays no neighbour.
    """

    def __init__(
        self, together: Callable[[Sequence[Asked]], Sequence[Answer]], alone: Callable[[Asked], Answer]
    ) -> None:
        self._together, self._alone = together, alone
        self._lock = threading.Lock()
        self._queue: deque[_Waiting[Asked, Answer]] = deque()
        self._led = False  # whether somebody leads

    def post(self, asked: Asked, *, most_waiting: int) -> Answer:
        """What `together` or `alone` answers for this operation.

        Raises TooBusy, having done nothing, when more than `most_waiting` wait already; OutcomeUnknown; and what
        `alone` raises.
        """
        if (lane := current_lane()) is not None:
            answer: Answer = lane.share(asked, self._together, self._alone)
            return answer
        mine: _Waiting[Asked, Answer] = _Waiting(asked)
        with self._lock:
            if len(self._queue) >= most_waiting:
                raise TooBusy
            self._queue.append(mine)
            mine.leads = not self._led
            self._led = True
        if not mine.leads and not mine.woken.wait(MOST_SECONDS):
            self._give_up(mine)
        if mine.leads:
            self._lead()
        return self._alone(asked) if mine.answer is None else mine.answer

    def _lead(self) -> None:
        """Write what waits, this thread's own first; wake all whose it was, and the next leader."""
        with self._lock:
            group = [self._queue.popleft() for _ in range(min(len(self._queue), MOST_TOGETHER))]
        try:
            answers = self._together([each.asked for each in group])
            for each, answer in zip(group, answers, strict=True):
                each.answer = answer
        except Exception as error:
            logger.info("%d operations go alone: %s", len(group), error)
        finally:
            self._hand_on(group)

    def _hand_on(self, group: Sequence[_Waiting[Asked, Answer]]) -> None:
        with self._lock:
            if self._queue:
                self._queue[0].leads = True
                self._queue[0].woken.set()
            else:
                self._led = False
        for each in group:
            each.woken.set()

    def _give_up(self, mine: _Waiting[Asked, Answer]) -> None:
        """Raise OutcomeUnknown for one that nobody has woken; unless somebody just has."""
        with self._lock:
            if mine.woken.is_set():
                return
            if mine in self._queue:
                self._queue.remove(mine)
        raise OutcomeUnknown
