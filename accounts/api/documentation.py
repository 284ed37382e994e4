"""The refusals of an endpoint, as the OpenAPI document shows them: real status codes with the real sentences."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, inline_serializer
from rest_framework import serializers

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
