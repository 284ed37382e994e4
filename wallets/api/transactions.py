"""What happened: one transaction, those of a reference, a wallet's history and balance; and undoing one."""

import base64
import binascii
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.documentation import documented
from accounts.api.fields import StrictSerializer, validated
from accounts.api.viewsets import ApiViewSet
from accounts.scopes import Scope
from ledger.models import Status, Type
from ledger.proof import COLUMNS
from ledger.references import check_metadata
from wallets import history, selectors, services
from wallets.api import replies, representations
from wallets.api.carrying_out import carry_out
from wallets.api.documentation import (
    BAD_AMOUNT,
    DUPLICATE,
    MONEY_HEADERS,
    NO_REFERENCE,
    TRANSACTION,
    TRANSACTION_ID,
    UNKNOWN,
    USER_ID,
)
from wallets.api.fields import REFERENCE, AccountField, LimitField, MomentField, OneOfField, ReferenceIdField
from wallets.api.queries import once_each
from wallets.api.serializers import (
    Balance,
    BalanceAtMoment,
    FoundTransactions,
    HistoryPage,
    OneTransaction,
    ReverseTransaction,
)

MOST_LISTED = 100
METADATA = "metadata."  # what the name of a query parameter about metadata begins with


KINDS = ["CREDIT", "DEBIT", "TRANSFER", "HOLD", "CAPTURE", "RELEASE", "EXPIRY", "REVERSAL", "ADJUSTMENT"]


class _Limit(serializers.Field[int, Any, Any, Any]):
    def to_internal_value(self, data: Any) -> int:
        if not (data.isascii() and data.isdigit() and len(data) < 4 and 1 <= int(data) <= MOST_LISTED):
            raise serializers.ValidationError(f"limit must be a whole number from 1 to {MOST_LISTED}")
        return int(data)


class _Cursor(serializers.Field[int, Any, Any, Any]):
    def to_internal_value(self, data: Any) -> int:
        try:
            sequence = base64.urlsafe_b64decode(data + "=" * (-len(data) % 4)).decode("ascii")
        except (ValueError, binascii.Error):
            sequence = ""
        if not (sequence.isascii() and sequence.isdigit() and len(sequence) < 19):
            raise serializers.ValidationError("cursor must be the `next` of an earlier page")
        return int(sequence)


def _cursor(sequence: int) -> str:
    return base64.urlsafe_b64encode(str(sequence).encode()).decode().rstrip("=")


class HistoryQuery(StrictSerializer):
    """The query parameters of `GET /wallets/:userId/transactions`."""

    limit = _Limit(required=False)
    cursor = _Cursor(required=False)
    type = OneOfField(Type.values, required=False)
    status = OneOfField(Status.values, required=False)
    kind = OneOfField(KINDS, required=False)
    account = AccountField(required=False)
    minAmount = LimitField(required=False)  # noqa: N815
    maxAmount = LimitField(required=False)  # noqa: N815

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {"from": MomentField(required=False), "to": MomentField(required=False)}


class ReferenceQuery(StrictSerializer):
    """The query parameter of `GET /transactions`."""

    referenceId = ReferenceIdField()  # noqa: N815


class MomentQuery(StrictSerializer):
    """The query parameter of `GET /wallets/:userId/balance`."""

    at = MomentField(required=False)


_HISTORY, _REFERENCE, _MOMENT, _REVERSE = HistoryQuery(), ReferenceQuery(), MomentQuery(), ReverseTransaction()


def _parameter(name: str, type_: Any, description: str, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, type_, OpenApiParameter.QUERY, description=description, **more)


class TransactionViewSet(ApiViewSet):
    """Transactions, which never change."""

    @documented(
        "findTransactions",
        "What became of a referenceId",
        tag="Transactions",
        scope=Scope.LEDGER_READ,
        reply=FoundTransactions,
        answers={"transactions": [TRANSACTION]},
        parameters=[
            _parameter("referenceId", REFERENCE, "The reference that was sent.", required=True),
        ],
        _400=NO_REFERENCE,
    )
    def find(self, request: Request) -> Response:
        """The transactions that a referenceId named: both sides of a transfer, or none when nothing was stored."""
        query = validated(_REFERENCE, once_each(request.query_params))
        found = history.of_reference(query["referenceId"])
        return Response({"transactions": [representations.transaction_details(row) for row in found]})

    @documented(
        "getTransaction",
        "One transaction",
        tag="Transactions",
        scope=Scope.LEDGER_READ,
        reply=OneTransaction,
        answers=TRANSACTION | {"reversed_by": ["01a20911-8a52-72c1-9d0e-3b6f51c0a7de"]},
        parameters=[TRANSACTION_ID],
        _404="Transaction not found",
    )
    def retrieve(self, request: Request, transaction_id: UUID) -> Response:
        """All that a transaction says, and what reversed it."""
        row = selectors.require_transaction(transaction_id)
        details = representations.transaction_details({name: getattr(row, name) for name in COLUMNS})
        reversals = [str(reversal) for reversal in history.reversals_of(transaction_id)]
        return Response(details | {"reversed_by": reversals})

    @documented(
        "reverseTransaction",
        "Reverse a transaction, or a part of it",
        tag="Transactions",
        scope=Scope.WALLETS_OPERATE,
        request=ReverseTransaction,
        asks={"amount": 100, "referenceId": "refund-001", "reason": "Returned goods"},
        reply=Balance,
        answers={"message": "Transaction reversed successfully", "balance": 800},
        parameters=[TRANSACTION_ID, *MONEY_HEADERS],
        _400=[
            "Reversal exceeds what is left of the transaction",
            "Insufficient balance",
            "Wallet is frozen",
            "A reversal cannot be reversed",
            "Only a transaction that moved money can be reversed",
            BAD_AMOUNT,
            NO_REFERENCE,
        ],
        _404="Transaction not found",
        _409=DUPLICATE,
        _503=UNKNOWN,
    )
    def reverse(self, request: Request, transaction_id: UUID) -> Response:
        """Undo a transaction, in whole or in parts that never come to more than it, once for each referenceId.

        A credit is undone by a debit: when the money has been spent, that fails. Of a transfer, either transaction
        names both sides. The balance is that of the wallet which the reversal's transaction is in.
        """
        body = validated(_REVERSE, request.data)
        posted = carry_out(
            request,
            services.reversal(
                selectors.require_transaction(transaction_id),
                amount=body.get("amount"),
                reference_id=body["referenceId"],
                reason=body["reason"],
                metadata=body.get("metadata"),
            ),
        )
        return replies.moved("Transaction reversed successfully", posted)

    @documented(
        "getHistory",
        "A wallet's transactions, page by page",
        tag="Transactions",
        scope=Scope.WALLETS_READ,
        reply=HistoryPage,
        answers={"userId": "1", "transactions": [TRANSACTION], "next": "Mg"},
        parameters=[
            USER_ID,
            _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST_LISTED}, "How many; without it 20."),
            _parameter("cursor", str, "The `next` of the page before."),
            _parameter("type", str, "Which way the money went.", enum=Type.values),
            _parameter("status", str, "What became of it.", enum=Status.values),
            _parameter("kind", str, "What was asked for.", enum=KINDS),
            _parameter("account", str, "The ledger account on the other side."),
            _parameter("from", OpenApiTypes.DATETIME, "At or after this time."),
            _parameter("to", OpenApiTypes.DATETIME, "Before this time."),
            _parameter("minAmount", OpenApiTypes.DECIMAL, "At least this amount."),
            _parameter("maxAmount", OpenApiTypes.DECIMAL, "At most this amount."),
            _parameter("metadata.orderId", str, "The text that its metadata has under a key; any key, after the dot."),
        ],
        _400=["limit must be a whole number from 1 to 100", "cursor must be the `next` of an earlier page"],
        _404="Wallet not found",
    )
    def of_wallet(self, request: Request, user_id: int) -> Response:
        """The wallet's transactions, newest first. Pages stay as they are while new transactions arrive."""
        parameters = once_each(request.query_params)
        metadata = {name.removeprefix(METADATA): text for name, text in parameters.items() if name.startswith(METADATA)}
        check_metadata(metadata)
        query = validated(_HISTORY, {name: text for name, text in parameters.items() if not name.startswith(METADATA)})
        limit = query.get("limit", 20)
        columns = {"type": "type", "status": "status", "kind": "kind", "account": "account_id"}
        exact = {column: query[name] for name, column in columns.items() if name in query}
        rows = history.history(
            user_id,
            filters=history.Filters(
                exact=exact,
                metadata=metadata,
                start=query.get("from"),
                end=query.get("to"),
                min_amount=query.get("minAmount"),
                max_amount=query.get("maxAmount"),
            ),
            before=query.get("cursor"),
            limit=limit + 1,
        )
        more = len(rows) > limit
        return Response(
            {
                "userId": str(user_id),
                "transactions": [representations.transaction_details(row) for row in rows[:limit]],
                "next": _cursor(rows[limit - 1]["sequence"]) if more else None,
            }
        )

    @documented(
        "getBalance",
        "Balance, now or at a moment",
        tag="Wallets",
        scope=Scope.WALLETS_READ,
        reply=BalanceAtMoment,
        answers={"userId": "1", "balance": 700, "held": 200, "available": 500, "sequence": 2},
        parameters=[USER_ID, _parameter("at", OpenApiTypes.DATETIME, "The moment; without it, now.")],
        _400="at must be a time such as 2026-02-11T10:00:00Z",
        _404="Wallet not found",
    )
    def balance(self, request: Request, user_id: int) -> Response:
        """What the wallet holds, what of it is set aside, and what can be spent: now, or at a moment."""
        query = validated(_MOMENT, once_each(request.query_params))
        at = query.get("at")
        found = history.balance_now(user_id) if at is None else history.balance_at(user_id, at)
        return Response(representations.balance(str(user_id), found))
