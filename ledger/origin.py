"""Where the request at hand came from. Operations that are made while it is carried out remember it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple


class Origin(NamedTuple):
    """A request's id and its caller's address; both empty for what no request asked for."""

    request_id: str = ""
    address: str = ""


_NONE = Origin()
_current: ContextVar[Origin] = ContextVar("origin", default=_NONE)


def current_origin() -> Origin:
    """The origin of the request that this thread is carrying out."""
    return _current.get()


@contextmanager
def request_from(origin: Origin) -> Iterator[None]:
    """Within this, the thread carries out a request from `origin`."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)
