"""The id of the request at hand, on its reply and on every log line: the caller's, when it is sane, else a new one."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponseBase
from uuid_utils import uuid7

from accounts.key_text import discreet
from ledger.origin import Origin, request_from

_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=-]{0,127}", re.ASCII)
_current: ContextVar[str] = ContextVar("request_id", default="-")


def middleware(next_handler: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Take or make the request's id, and send it back as X-Request-Id."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        current = sent if _SANE.fullmatch(sent) else str(uuid7())
        # Never reset: what Django logs after the reply has left belongs to this request still.
        _current.set(current)
        response = next_handler(request)
        response.headers["X-Request-Id"] = current
        return response

    return handle


def origin(next_handler: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Let transactions know which request asked for them, and from where. It comes after the proxies were heard."""

    def handle(request: HttpRequest) -> HttpResponseBase:
        with request_from(Origin(_current.get(), request.META.get("REMOTE_ADDR", ""))):
            return next_handler(request)

    return handle


class LogFilter(logging.Filter):
    """Puts the id of the request at hand on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _current.get()
        return True


class DiscreetFormatter(logging.Formatter):
    """Lines in which no API key can be read, wherever in a message or a traceback it stood."""

    def format(self, record: logging.LogRecord) -> str:
        return discreet(super().format(record))
