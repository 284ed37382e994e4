"""What the OpenAPI document says of an endpoint: examples that work, real status codes, the real sentences."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.response import Response

from accounts.api.scoped import scoped
from accounts.scopes import Scope

Error = inline_serializer("Error", {"error": serializers.CharField()})


def refusals(**sentences: str | list[str]) -> dict[int, OpenApiResponse]:
    """Responses for `extend_schema`, from keywords such as `_404="User not found"`."""
    responses = {}
    for status, said in sentences.items():
        texts = [said] if isinstance(said, str) else said
        code = int(status.removeprefix("_"))
        examples = [
            OpenApiExample(text, value={"error": text}, response_only=True, status_codes=[str(code)]) for text in texts
        ]
        responses[code] = OpenApiResponse(Error, description=" · ".join(texts), examples=examples)
    return responses


_View = TypeVar("_View", bound=Callable[..., Response])


def documented(
    operation_id: str,
    summary: str,
    *,
    tag: str,
    scope: Scope,
    reply: type[serializers.BaseSerializer[Any]],
    answers: Mapping[str, Any],
    request: type[serializers.BaseSerializer[Any]] | None = None,
    asks: Mapping[str, Any] | None = None,
    status: int = 200,
    parameters: Sequence[OpenApiParameter | type[serializers.Serializer[Any]]] = (),
    **refused: str | list[str],
) -> Callable[[_View], _View]:
    """The scope that an endpoint asks for; and what the OpenAPI document says of it, with an example of what is asked
    and of what is answered.
    """
    examples = [OpenApiExample("Reply", value=answers, response_only=True, status_codes=[str(status)])]
    if asks is not None:
        examples.append(OpenApiExample("Request", value=asks, request_only=True))
    describe: Callable[[_View], _View] = extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        parameters=list(parameters),
        request=request,
        responses={status: reply, **refusals(**refused)},
        examples=examples,
    )
    return lambda view: describe(scoped(scope)(view))
