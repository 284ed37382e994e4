"""What a database error means: the connection is lost, others were in the way, or a key is taken."""

from django.db import DatabaseError, IntegrityError, InterfaceError

# https://dev.mysql.com/doc/mysql-errors/8.4/en/ and, from 1900 on, https://mariadb.com/kb/en/mariadb-error-codes/
_LOST = {2002, 2003, 2006, 2013, 2055, 1053, 1927, 4031}  # no connection, or none any more
_CONTENDED = {1205, 1213, 1020}  # lock wait timeout, deadlock, snapshot conflict
_TOO_SLOW = {1969, 3024}  # the statement took longer than max_statement_time, max_execution_time
_DUPLICATE = 1062
_SQLITE_BUSY = {5, 6, 9}  # SQLITE_BUSY, _LOCKED, _INTERRUPT, in the low byte of the extended code
_SQLITE_DUPLICATE = {1555, 2067}  # SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, so that nobody can say what became of what was sent on it last."""
    return isinstance(error, InterfaceError) or (isinstance(error, DatabaseError) and _code(error) in _LOST)


def is_duplicate(error: BaseException) -> bool:
    """Whether another row has the primary key, or another unique value, already."""
    return isinstance(error, IntegrityError) and (
        _code(error) == _DUPLICATE or _sqlite_code(error) in _SQLITE_DUPLICATE
    )


def is_transient(error: BaseException) -> bool:
    """Whether the whole transaction, tried again, may end otherwise. A violated constraint never does."""
    if is_lost(error):
        return True
    if not isinstance(error, DatabaseError):
        return False
    return _code(error) in _CONTENDED | _TOO_SLOW or _sqlite_code(error) & 0xFF in _SQLITE_BUSY


def _code(error: BaseException) -> object:
    return error.args[0] if error.args else None


def _sqlite_code(error: BaseException) -> int:
    return int(getattr(error.__cause__, "sqlite_errorcode", 0))
