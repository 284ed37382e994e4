"""Strict JSON: what a body may hold is listed, and a value of another type is refused, never converted.

Every request body of the API is a StrictSerializer. An instance keeps nothing of a request, so that one of each, made
when the module is imported, serves them all.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from accounts.models import MAX_USER_ID
from accounts.validators import validate_email_shape, validate_text


class StrictSerializer(serializers.Serializer[Any]):
    """A body that is complete and closed: an unknown key is refused, and so is a value of the wrong type.

    `all_required` is the sentence for a body in which any field is missing, null or empty; without it each field
    says so for itself.
    """

    all_required: str | None = None

    def get_fields(self) -> dict[str, Any]:
        """The fields, each of which names itself in what it says of a missing value, and of a null."""
        fields = super().get_fields()
        for name, field in fields.items():
            for key, sentence in (("required", f"{name} is required"), ("null", f"{name} must not be null")):
                if field.error_messages[key] == serializers.Field.default_error_messages[key]:
                    field.error_messages[key] = sentence
        return fields

    @cached_property
    def _by_name(self) -> dict[str, Any]:
        return dict(self.fields)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """What each field makes of `data`, a dict; what was not sent and need not be is not there.

        DRF's own asks each field for defaults, HTML forms and methods of the serializer, none of which is used here.
        """
        fields = self._by_name
        unknown = [key for key in data if key not in fields]
        if unknown:
            raise serializers.ValidationError({unknown[0][:50]: [f"Unknown field: {unknown[0][:50]}"]})
        if self.all_required and (missing := [name for name in fields if data.get(name) in (None, "")]):
            raise serializers.ValidationError({name: [self.all_required] for name in missing})
        values, errors = {}, {}
        for name, field in fields.items():
            if name in data or field.required:
                try:
                    values[name] = field.run_validation(data.get(name, empty))
                except serializers.ValidationError as error:
                    errors[name] = error.detail
        if errors:
            raise serializers.ValidationError(errors)
        return values


def validated(serializer: StrictSerializer, body: Any) -> dict[str, Any]:
    """`body` as `serializer` understands it. Raises DRF's ValidationError, whose first message is the answer's."""
    return serializer.to_internal_value(body)


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_USER_ID, "example": 1})
class UserIdField(serializers.Field[int, Any, int, Any]):
    """A userId in a body: a JSON whole number from 1 to 2^63-1."""

    default_error_messages = {
        "required": "userId is required",
        "null": "userId is required",
        "invalid": f"userId must be a whole number from 1 to {MAX_USER_ID}",
    }

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int) or not 1 <= data <= MAX_USER_ID:
            self.fail("invalid")
        return data

    def to_representation(self, value: int) -> int:
        return value


@extend_schema_field(OpenApiTypes.STR)
class TextField(serializers.Field[str, Any, str, Any]):
    """Text a person wrote: 1 to `max_length` characters, no control characters, kept exactly as sent."""

    default_error_messages = {
        "invalid": "{name} must be a string of 1 to {max_length} characters, not all spaces, no control characters",
    }

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.max_length = max_length
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or len(data) > self.max_length or not _passes(validate_text, data):
            self.fail("invalid", name=self.field_name, max_length=self.max_length)
        return data

    def to_representation(self, value: str) -> str:
        return value


def _passes(validate: Callable[[str], None], text: str) -> bool:
    try:
        validate(text)
    except ValidationError:
        return False
    return True


@extend_schema_field({"type": "string", "format": "email", "maxLength": 254})
class EmailField(TextField):
    """An e-mail address, by its shape only: something, one @, something, no spaces."""

    default_error_messages = {"email": "{name} must be an e-mail address such as name@example.com"}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not _passes(validate_email_shape, text):
            self.fail("email", name=self.field_name)
        return text
