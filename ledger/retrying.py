"""Trying a whole database transaction again when the database, not the request, was the reason it failed.

Only the outermost transaction is tried again, never a part of it: after a lock wait timeout (1205) InnoDB has undone
one statement and kept the rest, and after a deadlock (1213) it has undone everything.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import connection
from django.db.models import Model
from django.db.transaction import atomic
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, stop_after_delay
from tenacity.wait import wait_random_exponential

from ledger.database_errors import is_lost, is_transient

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

ATTEMPTS = 6
# No further try after this long: with the last one's own timeout it stays below the time that a stop waits.
SECONDS = 12


def retried(
    transaction: Callable[[], Result], *, worth_another: Callable[[BaseException], bool] = is_transient
) -> Result:
    """The result of `transaction`, tried up to ATTEMPTS times within SECONDS, with growing, random waits between.

    Inside a caller's `atomic()`, which alone could be tried again as a whole, it is tried once. Raises the last try's
    error, or at once the first that is not `worth_another`.
    """
    if connection.in_atomic_block:
        return transaction()
    retrying = Retrying(
        retry=retry_if_exception(worth_another),
        stop=stop_after_attempt(ATTEMPTS) | stop_after_delay(SECONDS),
        wait=wait_random_exponential(multiplier=0.02, max=0.5),
        after=_after_failure,
        reraise=True,
    )
    return retrying(transaction)


def insert(row: Model) -> None:
    """Write a new row in a transaction of its own, or in the caller's; many of the same keys at once can deadlock."""

    def once() -> None:
        with atomic():
            row.save(force_insert=True)

    retried(once)


def _after_failure(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("try %d of %d failed: %s", state.attempt_number, ATTEMPTS, error)
    if error is not None and is_lost(error):
        connection.close()
