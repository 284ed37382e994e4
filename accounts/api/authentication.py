"""Who sent a request: a client, by the key in its Authorization header (RFC 6750), or anyone where the API is open."""

from typing import Any, cast

from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts import limiter
from accounts.api.scoped import PUBLIC, scope_of
from accounts.api_keys import caller_with
from accounts.callers import ANYONE, Caller
from accounts.exceptions import InvalidApiKey, MissingScope

CHALLENGE = 'Bearer realm="mini-wallet"'


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer mws_…`. Raises InvalidApiKey for whatever else stands there."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        header = request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return (ANYONE, None) if settings.API_OPEN else None
        scheme, _, text = header.partition(" ")
        if scheme.lower() != "bearer":
            raise InvalidApiKey("Send the API key as Authorization: Bearer mws_…")
        return caller_with(text), None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class HasScope(BasePermission):
    """The caller has the scope that the endpoint asks for. An endpoint that names none is nobody's."""

    def has_permission(self, request: Request, view: Any) -> bool:
        action = view.action_map.get(str(request.method).lower())
        scope = scope_of(getattr(view, action)) if action else None
        if scope == PUBLIC:
            return True
        if request.user is None:
            return False  # which DRF answers with 401
        if action is None:
            return True  # a method that the path does not have: 405
        if scope is None or scope not in caller_of(request).scopes:
            raise MissingScope(str(scope))
        return True


class RequestsPerMinute(BaseThrottle):
    """Each key has its share of a minute. Raises TooManyRequests."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.user is not None:
            limiter.count_request(caller_of(request))
        return True


def caller_of(request: Request) -> Caller:
    """Who sent a request that has passed HasScope."""
    return cast("Caller", request.user)
