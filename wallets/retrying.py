"""Trying a whole database transaction again when the database, not the request, was the reason it failed.

Only the outermost transaction is tried again, never a part of it: after a lock wait timeout (1205) InnoDB has undone
one statement and kept the rest, and after a deadlock (1213) it has undone everything.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, IntegrityError, InterfaceError, connection
from tenacity import RetryCallState, RetryError, Retrying, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from wallets.exceptions import OutcomeUnknown

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

ATTEMPTS = 6

# https://dev.mysql.com/doc/mysql-errors/8.4/en/ and, from 1900 on, https://mariadb.com/kb/en/mariadb-error-codes/
_LOST = {2002, 2003, 2006, 2013, 2055, 1053, 1927, 4031}  # no connection, or none any more
_CONTENDED = {1205, 1213, 1020}  # lock wait timeout, deadlock, snapshot conflict
_DUPLICATE = 1062  # a reference, or a sequence, that another process wrote first
_SQLITE_BUSY = {5, 6}  # SQLITE_BUSY, SQLITE_LOCKED, in the low byte of the extended code
_SQLITE_DUPLICATE = {1555, 2067}  # SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, so that nobody can say what became of what was sent on it last."""
    return isinstance(error, InterfaceError) or (isinstance(error, DatabaseError) and _code(error) in _LOST)


def is_transient(error: BaseException) -> bool:
    """Whether the whole transaction, tried again, may end otherwise. A violated CHECK never does."""
    if is_lost(error):
        return True
    if not isinstance(error, DatabaseError):
        return False
    sqlite_code = getattr(error.__cause__, "sqlite_errorcode", None)
    if sqlite_code is not None:
        return sqlite_code & 0xFF in _SQLITE_BUSY or sqlite_code in _SQLITE_DUPLICATE
    if isinstance(error, IntegrityError):
        return _code(error) == _DUPLICATE
    return _code(error) in _CONTENDED


def retried(transaction: Callable[[], Result]) -> Result:
    """The result of `transaction`, tried up to ATTEMPTS times with growing, random waits (a second in all).

    Raises OutcomeUnknown when the last try failed too; an error that no retry can mend passes as it is.
    """
    retrying = Retrying(
        retry=retry_if_exception(is_transient),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.02, max=0.5),
        after=_after_failure,
    )
    try:
        return retrying(transaction)
    except RetryError as error:
        raise OutcomeUnknown from error.last_attempt.exception()


def _after_failure(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("try %d of %d failed: %s", state.attempt_number, ATTEMPTS, error)
    if error is not None and is_lost(error):
        connection.close()


def _code(error: BaseException) -> object:
    return error.args[0] if error.args else None
