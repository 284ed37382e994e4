"""Amounts and references in JSON bodies: read exactly, refused with the sentence the ledger gives."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ledger.exceptions import LedgerError
from ledger.money import parse_amount
from ledger.references import MAX_REFERENCE_LENGTH, check_reference
from wallets.operations import EXTERNAL

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
    {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_REFERENCE_LENGTH,
        "pattern": "^[!-~]+$",
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


@extend_schema_field({"type": "number", "description": "Exact: read it with a decimal parser."})
class NumberField(serializers.Field[Any, Any, Any, Any]):
    """Money in a reply, for the OpenAPI document: a number, and not a double."""
