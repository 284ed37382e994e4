"""The WSGI application, for granian and for any other server."""

import os
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wallet_project.settings")

_django = get_wsgi_application()

# More than any body that is read; the endpoint's own limit is judged by its parser.
_MAX_CHUNKED_BYTES = 2 * 1024 * 1024


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Django's application, for bodies sent in chunks too.

    Django reads as many bytes as Content-Length says, and takes a body without one (RFC 9112, section 7.1) for an
    empty body. The server knows where it ends.
    """
    if "HTTP_TRANSFER_ENCODING" in environ and environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read(_MAX_CHUNKED_BYTES)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = BytesIO(body)
    response: Iterable[bytes] = _django(environ, start_response)
    return response
