"""A share that several processes use up together, taken from their common counter a portion at a time.

Counting every request where all processes see it made them wait for each other, request by request. A process takes
a hundredth of the share at once and counts that by itself, so that a client may be refused when, at most, a hundredth
of its share is left for each process; never later than when all of it is used.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable

PORTIONS = 100


class _Portion:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.left, self.until = 0, 0.0


class Portions:
    """What this process has taken and not used yet, by whose it is."""

    def __init__(self) -> None:
        self._portions: defaultdict[Hashable, _Portion] = defaultdict(_Portion)

    def use_one(self, whose: Hashable, share: int, take: Callable[[int], float | None]) -> bool:
        """Use one of `share`; False when there is none left.

        `take` takes so many from the common counter, and answers until when they are good, or None when there are not
        as many. Raises what `take` raises.
        """
        portion = self._portions[whose]
        with portion.lock:
            if not portion.left or portion.until <= time.time():
                size = max(1, share // PORTIONS)
                until = take(size)
                if until is None:
                    return False
                portion.left, portion.until = size, until
            portion.left -= 1
        return True
