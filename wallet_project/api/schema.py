"""What holds for every endpoint, added to the OpenAPI document once: closed bodies, problem details, common errors."""

from typing import Any

from wallet_project.api.errors import PROBLEM_JSON

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details, for a caller that sends `Accept: application/problem+json`.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "Stable: what a program decides by."},
        "available": {"type": "number", "description": "For a refused debit: what could be spent."},
        "required": {"type": "number", "description": "For a refused debit: what it would have taken."},
        "operation": {"type": "integer", "description": "For a refused batch: which operation it was, from 0."},
        "errors": {
            "type": "array",
            "description": "For bad input: which fields, and what is wrong with each.",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["field", "detail"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code"],
    "additionalProperties": False,
}

_ANY = {500: "Internal server error"}
_WITH_KEY = {
    401: "Send an API key, as Authorization: Bearer mws_…",
    403: "This API key lacks the scope wallets:write",
    429: "Too many requests, try again in 12 seconds",
}
_WITH_DATABASE = {503: "The database is busy or not reachable, try again shortly"}
_WITH_BODY = {
    400: "Body is not valid JSON",
    411: "Send the body with a Content-Length, not in chunks",
    413: "Body must be at most 16384 bytes",
    415: "Content-Type must be application/json, in UTF-8",
}
_REQUEST_ID = {"description": "The caller's, when it sent a sane one, else a new one.", "schema": {"type": "string"}}


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's postprocessing hook."""
    schemas = result["components"]["schemas"]
    for schema in schemas.values():
        if schema.get("type") == "object":
            schema["additionalProperties"] = False
    schemas["Problem"] = _PROBLEM
    for path in result["paths"].values():
        for operation in path.values():
            _complete_operation(operation)
    return result


def _complete_operation(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    common = _ANY | (_WITH_BODY if "requestBody" in operation else {})
    if operation["tags"] != ["Health"]:
        common |= _WITH_DATABASE | _WITH_KEY
    for status, sentence in common.items():
        responses.setdefault(str(status), _error(sentence))
    for status, response in responses.items():
        response.setdefault("headers", {})["X-Request-Id"] = _REQUEST_ID
        if int(status) >= 400:
            response["content"][PROBLEM_JSON] = {"schema": {"$ref": "#/components/schemas/Problem"}}
        if int(status) == 401:
            response["headers"]["WWW-Authenticate"] = {"description": "RFC 6750.", "schema": {"type": "string"}}
        if int(status) in {429, 503}:
            response["headers"]["Retry-After"] = {"description": "Seconds.", "schema": {"type": "integer"}}
    operation["responses"] = dict(sorted(responses.items()))


def _error(sentence: str) -> dict[str, Any]:
    return {
        "description": sentence,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/Error"},
                "example": {"error": sentence},
            }
        },
    }
