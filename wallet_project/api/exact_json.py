"""JSON in and out, exactly: numbers never pass through a float, and a body that could be read two ways is refused."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any, NoReturn

from django.http.request import MediaType
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from accounts.api.written import as_json

MAX_BODY_BYTES = 16 * 1024
MAX_DEPTH = 8  # objects and lists within each other
_TOO_DEEP = f"Body is nested more than {MAX_DEPTH} levels deep"
# Longer numbers than this are no amount and no userId, and reading them costs time that grows with their square.
_MAX_NUMBER_DIGITS = 64
_EVERY_DIGIT = Context(prec=_MAX_NUMBER_DIGITS)
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")


class BodyTooLarge(APIException):
    """The body is larger than this endpoint takes."""

    status_code = 413
    default_code = "body_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"Body must be at most {limit} bytes")


class ExactJSONParser(BaseParser):
    """A JSON object, UTF-8, small, without duplicate keys. Numbers become int and Decimal.

    Raises ParseError (400), UnsupportedMediaType (415) or BodyTooLarge (413), each with a sentence that says why.
    """

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        if MediaType(media_type or "").params.get("charset", "utf-8").lower() not in {"utf-8", "utf8"}:
            raise UnsupportedMediaType(
                media_type or "", detail="Body must be UTF-8: send Content-Type application/json"
            )
        view = (parser_context or {}).get("view")
        limit: int = getattr(view, "max_body_bytes", MAX_BODY_BYTES)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise BodyTooLarge(limit)
        if len(body) < int(stream.META["CONTENT_LENGTH"]):
            raise ParseError("Body is shorter than its Content-Length")
        return parse_object(body)


def parse_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises ParseError with a sentence that says what is wrong with it."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ParseError("Body is not UTF-8") from error
    try:
        parsed = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise ParseError(f"Body is not valid JSON: {error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise ParseError(_TOO_DEEP) from error
    if not isinstance(parsed, dict):
        raise ParseError("Body must be a JSON object")
    if text.count("{") + text.count("[") > MAX_DEPTH:  # else it cannot be nested that deeply
        _refuse_depth(parsed)
    if _SURROGATE_ESCAPE.search(text):
        _refuse_half_characters(parsed)
    return parsed


def _refuse_depth(parsed: object) -> None:
    level = [parsed]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
        ]
    if any(isinstance(each, (dict, list)) for each in level):
        raise ParseError(_TOO_DEEP)


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ParseError(f"Duplicate key: {twice[:50]}")
    return keys


def _integer(digits: str) -> int:
    if len(digits) > _MAX_NUMBER_DIGITS:
        raise ParseError(f"Body holds a number of more than {_MAX_NUMBER_DIGITS} digits")
    return int(digits)


def _decimal(digits: str) -> Decimal:
    if len(digits) > _MAX_NUMBER_DIGITS:
        raise ParseError(f"Body holds a number of more than {_MAX_NUMBER_DIGITS} digits")
    try:
        number = Decimal(digits)
    except InvalidOperation as error:
        raise ParseError(f"Body holds a number out of range: {digits}") from error
    if "." in digits and "e" not in digits.lower():
        return number  # its decimals count as they are written
    # An exponent form counts by its value: 1000e-3 is 1.
    return number.normalize(_EVERY_DIGIT) if abs(number.adjusted()) < _MAX_NUMBER_DIGITS else number


def _no_constant(name: str) -> NoReturn:
    raise ParseError(f"Body is not valid JSON: {name} is not a number")


def _refuse_half_characters(parsed: dict[str, Any]) -> None:
    try:
        json.dumps(parsed, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ParseError("Body holds half of a surrogate pair") from error


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys, parse_int=_integer, parse_float=_decimal, parse_constant=_no_constant
)


class ExactJSONRenderer(BaseRenderer):
    """JSON whose numbers are exact."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else as_json(data)


class AlwaysJSON(BaseContentNegotiation):
    """There is one way in and one way out, whatever the request accepts."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        content_type = MediaType(request.content_type or "")
        return next((p for p in parsers if p.media_type == f"{content_type.main_type}/{content_type.sub_type}"), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
