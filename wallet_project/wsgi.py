"""The WSGI application, for granian and for any other server."""

import os
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wallet_project.settings")

_django = get_wsgi_application()
# They are looked at when a request has ended, and asked whether they are good when the next one uses them.
request_started.disconnect(close_old_connections)
if not settings.DEBUG:
    request_started.disconnect(reset_queries)  # there are none


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django's application, safe from a Content-Type that Django fails to read before any of its error handling."""
    if not _can_be_read(environ.get("CONTENT_TYPE", "")):
        environ["CONTENT_TYPE"] = "application/octet-stream"
    response: Iterable[bytes] = _django(environ, start_response)
    return response


def _can_be_read(content_type: str) -> bool:
    try:
        _, parameters = parse_header_parameters(content_type)
        b"a".decode(parameters.get("charset", "utf-8"))
    except (ValueError, LookupError):  # UnicodeError is a ValueError
        return False
    return True
