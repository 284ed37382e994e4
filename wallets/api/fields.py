"""Amounts and references in JSON bodies: read exactly, refused with the sentence the ledger gives."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ledger.exceptions import LedgerError
from ledger.money import check_currency, parse_amount
from ledger.references import (
    MAX_DESCRIPTION_LENGTH,
    MAX_METADATA_KEYS,
    MAX_METADATA_LENGTH,
    MAX_REFERENCE_LENGTH,
    METADATA_KEY,
    check_metadata,
    check_reference,
    check_words,
)
from wallets.operations import EXTERNAL

# RFC 3339, with its offset; Python reads more forms than that.
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_ZERO = re.compile(r"0+(\.0{1,4})?", re.ASCII)
REFERENCE = {"type": "string", "minLength": 1, "maxLength": MAX_REFERENCE_LENGTH, "pattern": "^[!-~]+$"}
INVALID_ACCOUNT = "account must be the code of a ledger account, such as external"


@extend_schema_field(
    {
        "oneOf": [
            {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100000000000000},
            {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"},
        ],
        "description": "In the wallet's currency, at most as many decimals as it has; exact, never a float.",
        "example": 1000,
    }
)
class AmountField(serializers.Field[Decimal, Any, Any, Any]):
    """An amount to move: a JSON number, or a string of the same form."""

    default_error_messages = {"required": "Amount must be greater than 0", "null": "Amount must be greater than 0"}

    def to_internal_value(self, data: Any) -> Decimal:
        try:
            return parse_amount(data)
        except LedgerError as error:
            raise serializers.ValidationError(str(error)) from error


@extend_schema_field(
    REFERENCE
    | {
        "description": "Names this operation for ever. Sent again, it answers the stored outcome again.",
        "example": "credit-ref-001",
    }
)
class ReferenceIdField(serializers.Field[str, Any, Any, Any]):
    """The caller's name for an operation."""

    default_error_messages = {"required": "referenceId is required", "null": "referenceId is required"}

    def to_internal_value(self, data: Any) -> str:
        try:
            return check_reference(data)
        except LedgerError as error:
            raise serializers.ValidationError(str(error)) from error


@extend_schema_field(
    {
        "type": "string",
        "maxLength": 32,
        "default": EXTERNAL,
        "description": "The ledger account that the money comes from or goes to.",
    }
)
class AccountField(serializers.Field[str, Any, Any, Any]):
    """The code of a ledger account; whether there is one is for the service to say."""

    default_error_messages = {"null": INVALID_ACCOUNT}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or not 1 <= len(data) <= 32:
            raise serializers.ValidationError(INVALID_ACCOUNT)
        return data


@extend_schema_field(
    {"type": "string", "maxLength": MAX_DESCRIPTION_LENGTH, "description": "Why the money moves.", "example": "Rent"}
)
class DescriptionField(serializers.Field[str, Any, Any, Any]):
    """Words about an operation."""

    def to_internal_value(self, data: Any) -> str:
        name = str(self.field_name)
        if not isinstance(data, str):
            raise serializers.ValidationError(f"{name} must be a string")
        try:
            return check_words(name, data, most=MAX_DESCRIPTION_LENGTH)
        except LedgerError as error:
            raise serializers.ValidationError(str(error)) from error


@extend_schema_field(
    {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_DESCRIPTION_LENGTH,
        "description": "Why.",
        "example": "Ticket 1",
    }
)
class ReasonField(DescriptionField):
    """Why somebody does what has to have a reason."""

    default_error_messages = {"required": "reason is required"}

    def to_internal_value(self, data: Any) -> str:
        reason = super().to_internal_value(data)
        if not reason.strip():
            raise serializers.ValidationError("reason is required")
        return reason


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": MAX_METADATA_LENGTH},
        "propertyNames": {"pattern": METADATA_KEY},
        "maxProperties": MAX_METADATA_KEYS,
        "description": "A few short texts to remember with the transaction.",
        "example": {"orderId": "4711"},
    }
)
class MetadataField(serializers.Field[dict[str, str], Any, Any, Any]):
    """A flat object of texts."""

    default_error_messages = {"null": f"metadata must be an object of at most {MAX_METADATA_KEYS} keys"}

    def to_internal_value(self, data: Any) -> dict[str, str]:
        try:
            return check_metadata(data)
        except LedgerError as error:
            raise serializers.ValidationError(str(error)) from error


@extend_schema_field({"type": "string", "format": "date-time", "example": "2026-02-11T10:00:00Z"})
class MomentField(serializers.Field[datetime, Any, Any, Any]):
    """A moment, with its time zone: RFC 3339."""

    def to_internal_value(self, data: Any) -> datetime:
        if isinstance(data, str) and _MOMENT.fullmatch(data):
            try:
                return datetime.fromisoformat(data).astimezone(UTC)
            except (ValueError, OverflowError):
                pass
        raise serializers.ValidationError(f"{self.field_name} must be a time such as 2026-02-11T10:00:00Z")


@extend_schema_field({"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217.", "example": "INR"})
class CurrencyField(serializers.Field[str, Any, Any, Any]):
    """A currency."""

    default_error_messages = {"null": "currency must be an ISO 4217 code such as INR"}

    def to_internal_value(self, data: Any) -> str:
        try:
            return check_currency(data)
        except LedgerError as error:
            raise serializers.ValidationError(str(error)) from error


@extend_schema_field({"type": "number", "minimum": 0, "exclusiveMaximum": 100000000000000})
class LimitField(serializers.Field[Decimal, Any, Any, Any]):
    """A limit in the wallet's currency: an amount, or 0, or null for the service's own."""

    def to_internal_value(self, data: Any) -> Decimal:
        if _is_zero(data):
            return Decimal(0)
        try:
            return parse_amount(data)
        except LedgerError as error:
            raise serializers.ValidationError(f"{self.field_name}: {error}") from error


def _is_zero(data: Any) -> bool:
    if isinstance(data, str):
        return bool(_ZERO.fullmatch(data))
    return isinstance(data, (int, Decimal)) and not isinstance(data, bool) and data == 0


@extend_schema_field({"type": "boolean"})
class TrueOrFalseField(serializers.Field[bool, Any, Any, Any]):
    """A JSON true or false, and nothing that is like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError(f"{self.field_name} must be true or false")
        return data


@extend_schema_field({"type": "number", "description": "Exact: read it with a decimal parser."})
class NumberField(serializers.Field[Any, Any, Any, Any]):
    """Money in a reply, for the OpenAPI document: a number, and not a double."""


class OneOfField(serializers.Field[str, Any, Any, Any]):
    """One of a few words."""

    def __init__(self, known: list[str], **kwargs: Any) -> None:
        self.known = known
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> str:
        if data not in self.known:
            raise serializers.ValidationError(f"{self.field_name} must be one of {', '.join(self.known)}")
        return str(data)
