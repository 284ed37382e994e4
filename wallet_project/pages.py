"""Django's middleware for pages. The API has no sessions, forms, messages or static files, and goes past all of it."""

from typing import Any

from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
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
