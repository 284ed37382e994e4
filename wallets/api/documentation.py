"""What the wallet endpoints' documentation has in common: parameters, headers, refusals, examples."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

USER_ID = OpenApiParameter("user_id", OpenApiTypes.INT64, OpenApiParameter.PATH, description="The wallet's user.")
HOLD_ID = OpenApiParameter("hold_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
TRANSACTION_ID = OpenApiParameter("transaction_id", OpenApiTypes.UUID, OpenApiParameter.PATH)
MONEY_HEADERS = [
    OpenApiParameter(
        "Transaction-Id",
        OpenApiTypes.UUID,
        OpenApiParameter.HEADER,
        description="The transaction that this reply is about.",
        response=[200, 201, 400],
    ),
    OpenApiParameter(
        "Idempotent-Replayed",
        OpenApiTypes.STR,
        OpenApiParameter.HEADER,
        description="`true` when an earlier request with this referenceId was answered again.",
        enum=["true"],
        response=[200, 201, 400],
    ),
]
UNKNOWN = "Outcome unknown, retry with the same referenceId"
BAD_AMOUNT = "Amount must be greater than 0"
NO_REFERENCE = "referenceId is required"
DUPLICATE = "Duplicate referenceId"

TRANSACTION: dict[str, Any] = {
    "transaction_id": "01a2043c-6ce1-753f-aa55-b0807cdd7ac3",
    "user_id": 1,
    "sequence": 2,
    "type": "DEBIT",
    "kind": "TRANSFER",
    "amount": 300,
    "status": "SUCCESS",
    "failure_reason": None,
    "balance_after": 700,
    "held_after": 0,
    "available_after": 700,
    "account": "transfers",
    "reference_id": "transfer-001",
    "counterparty": 2,
    "reverses": None,
    "hold_id": None,
    "description": "Rent",
    "metadata": {"orderId": "4711"},
    "created_at": "2026-02-11T10:00:00.000Z",
    "hash": "bd62d839d0cdebe95f3f704915f55d57f940c81b22992986bf9ebe3f1b0847e5",
}
