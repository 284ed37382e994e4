"""The error table: every way in which a request can fail, its status and its code, and the one shape of the answer.

Domain errors know no HTTP; this is the only place that maps them. A caller that sends
`Accept: application/problem+json` gets RFC 9457 problem details instead of `{"error": …}`.
"""

import logging
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Any, cast

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts import exceptions as accounts
from accounts.api.authentication import CHALLENGE
from accounts.api.written import as_json
from ledger import exceptions as ledger
from ledger.database_errors import is_transient
from ledger.money import json_number
from wallet_project.api.exact_json import BodyTooLarge
from wallet_project.health import NotReady
from wallets import exceptions as wallets
from wallets.api.representations import transaction_headers

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
RETRY_AFTER_SECONDS = "1"


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to fail: the status, the code that a program can rely on, and, where the error's text is not for the
    caller, the sentence to say instead.
    """

    status: int
    code: str
    sentence: str | None = None


_BAD_REQUEST = Kind(400, "bad_request", "Bad request: its Host header or its URL is not accepted here")
_NOT_FOUND = Kind(404, "not_found", "Not found")
_NOT_ALLOWED = Kind(405, "method_not_allowed", "Method not allowed")
_TOO_SLOW = Kind(408, "request_timeout", "The body did not arrive in time")
_TOO_LARGE = Kind(413, "body_too_large", "Body must be at most 16384 bytes, a batch at most 1048576")
_BUSY = Kind(503, "busy", "Too many requests at once, try again shortly")
_LENGTH_REQUIRED = Kind(411, "length_required", "Send the body with a Content-Length, not in chunks")
_INTERNAL = Kind(500, "internal_error", "Internal server error")
_UNAVAILABLE = Kind(503, "database_unavailable", "The database is busy or not reachable, try again shortly")

# The first row that an error is an instance of decides.
TABLE: tuple[tuple[type[Exception], Kind], ...] = (
    (drf.NotAuthenticated, Kind(401, "no_api_key", "Send an API key, as Authorization: Bearer mws_…")),
    (accounts.InvalidApiKey, Kind(401, "invalid_api_key")),
    (accounts.MissingScope, Kind(403, "missing_scope")),
    (accounts.NotPermitted, Kind(403, "not_permitted")),
    (accounts.TooManyRequests, Kind(429, "too_many_requests")),
    (accounts.UserNotFound, Kind(404, "user_not_found")),
    (accounts.UserExists, Kind(409, "user_exists")),
    (wallets.WalletNotFound, Kind(404, "wallet_not_found")),
    (wallets.WalletExists, Kind(409, "wallet_exists")),
    (wallets.HoldNotFound, Kind(404, "hold_not_found")),
    (wallets.TransactionNotFound, Kind(404, "transaction_not_found")),
    (wallets.DuplicateReference, Kind(409, "duplicate_reference")),
    (wallets.HoldClosed, Kind(409, "hold_closed")),
    (wallets.InvalidTransfer, Kind(400, "invalid_transfer")),
    (wallets.NotReversible, Kind(400, "not_reversible")),
    (wallets.InvalidHold, Kind(400, "invalid_hold")),
    (wallets.InvalidLimits, Kind(400, "invalid_limits")),
    (wallets.InvalidPeriod, Kind(400, "invalid_period")),
    (wallets.TransactionFailed, Kind(400, "transaction_failed")),
    (wallets.NeedsApproval, Kind(403, "needs_approval")),
    (wallets.InvalidCorrection, Kind(400, "invalid_correction")),
    (wallets.TooBusy, _BUSY),
    (wallets.OutcomeUnknown, Kind(503, "outcome_unknown")),
    (accounts.InvalidUser, Kind(400, "invalid_input")),
    (ledger.InvalidAmount, Kind(400, "invalid_input")),
    (ledger.InvalidReference, Kind(400, "invalid_input")),
    (ledger.InvalidCurrency, Kind(400, "invalid_input")),
    (ledger.InvalidDescription, Kind(400, "invalid_input")),
    (ledger.InvalidMetadata, Kind(400, "invalid_input")),
    (ledger.UnknownAccount, Kind(400, "unknown_account")),
    (drf.ValidationError, Kind(400, "invalid_input")),
    (drf.ParseError, Kind(400, "malformed_body")),
    (drf.UnsupportedMediaType, Kind(415, "unsupported_media_type", "Content-Type must be application/json, in UTF-8")),
    (drf.MethodNotAllowed, _NOT_ALLOWED),
    (NotReady, Kind(503, "not_ready")),
    (BodyTooLarge, Kind(413, "body_too_large")),
)


# Refused by a service, but about one field of the body all the same.
_FIELDS = {
    ledger.InvalidAmount: "amount",
    ledger.InvalidReference: "referenceId",
    ledger.InvalidMetadata: "metadata",
    ledger.UnknownAccount: "account",
}


def answer_error(error: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler: the answer to `error`, whatever it is. What is our fault is logged, and not told."""
    set_rollback()
    kind = _kind_of(error)
    if kind is _INTERNAL:
        logger.error("unhandled error", exc_info=error)
    elif kind is _UNAVAILABLE:
        logger.warning("database unavailable: %s", error)
    request = context["request"]
    body, content_type = _body(request, kind.status, _code_of(error, kind), _sentence_of(error, kind), _facts_of(error))
    return Response(body, status=kind.status, headers=_headers_of(error, kind), content_type=content_type)


def answer_status(request: HttpRequest, status: int) -> HttpResponse:
    """The answer for an error that never reached a view, of which only the status is known."""
    known = {
        kind.status: kind
        for kind in (
            *(_BAD_REQUEST, _NOT_FOUND, _NOT_ALLOWED, _TOO_SLOW, _LENGTH_REQUIRED, _TOO_LARGE),
            *(_INTERNAL, _BUSY),
        )
    }
    phrase = HTTPStatus(status).phrase
    kind = known.get(status) or Kind(status, phrase.lower().replace(" ", "_").replace("-", "_"))
    body, content_type = _body(request, status, kind.code, kind.sentence or phrase, {})
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if status == 503 else {}
    return HttpResponse(as_json(body), status=status, content_type=content_type, headers=headers)


def _kind_of(error: Exception) -> Kind:
    if isinstance(error, wallets.BatchRefused):
        return _kind_of(error.error)
    for known, kind in TABLE:
        if isinstance(error, known):
            return kind
    if isinstance(error, (DatabaseError, InterfaceError)) and is_transient(error):
        return _UNAVAILABLE
    return _INTERNAL


def _code_of(error: Exception, kind: Kind) -> str:
    if isinstance(error, wallets.BatchRefused):
        return _code_of(error.error, kind)
    return error.reason.name.lower() if isinstance(error, wallets.TransactionFailed) else kind.code


def _sentence_of(error: Exception, kind: Kind) -> str:
    if kind.sentence:
        return kind.sentence
    if isinstance(error, wallets.BatchRefused):
        return f"Operation {error.index}: {_sentence_of(error.error, kind)}"
    if isinstance(error, drf.ValidationError):
        return _field_errors(error)[0]["detail"]
    return str(error)


def _facts_of(error: Exception) -> dict[str, Any]:
    """What a program needs besides the sentence, as extra members of the problem details."""
    if isinstance(error, drf.ValidationError):
        return {"errors": _field_errors(error)}
    if isinstance(error, wallets.BatchRefused):
        return _facts_of(error.error) | {"operation": error.index}
    for refused, field in _FIELDS.items():
        if isinstance(error, refused):
            return {"errors": [{"field": field, "detail": str(error)}]}
    facts: dict[str, Decimal] = getattr(error, "facts", {})
    return {name: json_number(value) for name, value in facts.items()}


def _field_errors(error: drf.ValidationError) -> list[dict[str, str]]:
    detail = cast("dict[str, list[str]]", error.detail)  # a body is validated as a whole, field by field
    return [{"field": field, "detail": str(messages[0])} for field, messages in detail.items()]


def _headers_of(error: Exception, kind: Kind) -> dict[str, str]:
    match error:
        case wallets.TransactionFailed():
            return transaction_headers(error.transaction, replayed=error.replayed)
        case accounts.TooManyRequests():
            return {"Retry-After": str(error.seconds)}
        # RFC 6750, section 3.
        case drf.NotAuthenticated():
            return {"WWW-Authenticate": CHALLENGE}
        case accounts.InvalidApiKey():
            return {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
        case accounts.MissingScope():
            return {"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{error.scope}"'}
    return {"Retry-After": RETRY_AFTER_SECONDS} if kind.status == 503 else {}


def _body(request: Any, status: int, code: str, sentence: str, facts: dict[str, Any]) -> tuple[dict[str, Any], str]:
    if not _wants_problem(request):
        return {"error": sentence}, "application/json"
    problem = {
        "type": f"tag:mini-wallet,2026:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": sentence,
        "code": code,
    }
    return problem | facts, PROBLEM_JSON


def _wants_problem(request: Any) -> bool:
    try:
        accepted = getattr(request, "_request", request).accepted_types
    except ValueError:  # an Accept header that cannot be read asks for nothing
        return False
    return any(f"{media.main_type}/{media.sub_type}" == PROBLEM_JSON and media.quality > 0 for media in accepted)
