"""Django's middleware for pages. The API has no sessions, forms, messages or static files, and goes past all of it."""

from functools import lru_cache
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host
from django.middleware.common import CommonMiddleware
from django_otp.middleware import OTPMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

API = ("/users", "/wallets", "/transfers", "/holds", "/transactions", "/batches", "/health/")


class _ForPages:
    """Before a middleware: it is not asked about calls of the API."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(API):
            return self.get_response(request)
        return super().__call__(request)  # type: ignore[misc]


class Common(CommonMiddleware):
    """Whether the host is one of ours, and how long a reply is. A call of the API asks Django once for each host."""

    def __call__(self, request: HttpRequest) -> Any:
        if not request.path_info.startswith(API):
            return super().__call__(request)
        if not _is_ours(request.META.get("HTTP_HOST", ""), tuple(settings.ALLOWED_HOSTS)):
            request.get_host()  # which knows more ways to be called, and raises DisallowedHost
        response: Any = self.get_response(request)
        if not response.streaming:
            response.headers["Content-Length"] = str(len(response.content))
        return response


@lru_cache(maxsize=1024)
def _is_ours(host: str, allowed: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, allowed)


class Policy(_ForPages, CSPMiddleware):
    """What a browser may do with a page."""


class StaticFiles(_ForPages, WhiteNoiseMiddleware):
    """Files of the pages."""


class Sessions(_ForPages, SessionMiddleware):
    """Who has signed in."""


class Staff(_ForPages, AuthenticationMiddleware):
    """Who of the staff it is."""


class SecondFactors(_ForPages, OTPMiddleware):
    """Whether they have shown their second factor."""


class Messages(_ForPages, MessageMiddleware):
    """What a page has to say after a form."""
