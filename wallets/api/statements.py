"""A wallet's statement: as JSON, and as the files of `wallets.statement_files`."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api.documentation import refusals
from accounts.api.fields import StrictSerializer, validated
from accounts.api.scoped import scoped
from accounts.api.viewsets import ApiViewSet
from accounts.api.written import as_json
from accounts.scopes import Scope
from ledger.moments import timestamp
from ledger.money import json_number
from wallets.api.documentation import TRANSACTION, USER_ID
from wallets.api.fields import MomentField, NumberField, OneOfField
from wallets.api.queries import once_each
from wallets.api.representations import transaction_details
from wallets.api.serializers import TransactionDetails
from wallets.statement_files import FILES, statement_file
from wallets.statements import Statement, statement

FORMATS = ["json", *FILES]


class StatementQuery(StrictSerializer):
    """The query parameters of a statement."""

    format = OneOfField(FORMATS, required=False)

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"from": MomentField(required=False), "to": MomentField(required=False)}


class StatementReply(serializers.Serializer[None]):
    """The reply to `GET /wallets/:userId/statement`, as JSON."""

    userId = serializers.CharField()  # noqa: N815
    currency = serializers.CharField()
    opening = NumberField()
    credits = NumberField()
    debits = NumberField()
    closing = NumberField(help_text="opening + credits - debits, and the balance after the last line.")
    lines = TransactionDetails(many=True, help_text="What moved money, oldest first.")

    def get_fields(self) -> dict[str, Any]:
        times = {"from": serializers.DateTimeField(), "to": serializers.DateTimeField()}
        return super().get_fields() | times


_QUERY = StatementQuery()


class StatementViewSet(ApiViewSet):
    """Statements of wallets."""

    @scoped(Scope.WALLETS_READ)
    @extend_schema(
        operation_id="getStatement",
        summary="A statement of a wallet",
        tags=["Wallets"],
        parameters=[
            USER_ID,
            OpenApiParameter("from", OpenApiTypes.DATETIME, description="At or after; without it, from the beginning."),
            OpenApiParameter("to", OpenApiTypes.DATETIME, description="Before; without it, now."),
            OpenApiParameter("format", str, enum=FORMATS, description="`html` is a page to print. Without it, json."),
        ],
        responses={
            (200, "application/json"): StatementReply,
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR),
            (200, "text/html"): OpenApiResponse(OpenApiTypes.STR),
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY),
            **refusals(
                _400=["from must be a time such as 2026-02-11T10:00:00Z", "to must not be before from"],
                _404="Wallet not found",
            ),
        },
        examples=[
            OpenApiExample(
                "Statement",
                value={
                    "userId": "1",
                    "currency": "INR",
                    "from": "2026-02-01T00:00:00.000Z",
                    "to": "2026-03-01T00:00:00.000Z",
                    "opening": 1000,
                    "credits": 0,
                    "debits": 300,
                    "closing": 700,
                    "lines": [TRANSACTION],
                },
                response_only=True,
                status_codes=["200"],
                media_type="application/json",
            )
        ],
    )
    def retrieve(self, request: Request, user_id: int) -> HttpResponseBase:
        """What the wallet had, each movement with the balance after it, and what it had then."""
        query = validated(_QUERY, once_each(request.query_params))
        found = statement(user_id, start=query.get("from"), end=query.get("to", timezone.now()))
        form = query.get("format", "json")
        if form != "json":
            return statement_file(found, form)
        return StreamingHttpResponse(_json(found), content_type="application/json")


def _json(found: Statement) -> Iterator[bytes]:
    """The reply in pieces, so that memory does not grow with the lines."""
    head = {
        "userId": str(found.user_id),
        "currency": found.currency,
        "from": timestamp(found.start),
        "to": timestamp(found.end),
        "opening": json_number(found.opening),
        "credits": json_number(found.credits),
        "debits": json_number(found.debits),
        "closing": json_number(found.closing),
    }
    yield as_json(head).removesuffix(b"}") + b',"lines":['
    separator = b""
    for line in found.lines():
        yield separator + as_json(transaction_details(line))
        separator = b","
    yield b"]}"
