"""The WSGI application, for granian and for any other server."""

import os
from collections.abc import Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wallet_project.settings")

_django = get_wsgi_application()


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
