"""Many operations in one request: each for itself, or all or none."""

from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import limiter
from accounts.api.authentication import caller_of
from accounts.api.documentation import documented
from accounts.api.fields import StrictSerializer, UserIdField, validated
from accounts.api.viewsets import ApiViewSet
from accounts.callers import Caller
from accounts.exceptions import AccountsError
from accounts.scopes import Scope
from ledger.exceptions import LedgerError
from ledger.models import Status
from ledger.money import json_number
from wallets.api.carrying_out import count_failures, in_the_name_of
from wallets.api.documentation import UNKNOWN
from wallets.api.fields import NumberField, TrueOrFalseField
from wallets.api.serializers import CaptureHold, MoveMoney, TransferMoney
from wallets.batches import MOST_OPERATIONS, Result, carry_out_all, carry_out_each
from wallets.exceptions import BatchRefused, HoldNotFound, WalletsError
from wallets.models import Hold
from wallets.operations import EXTERNAL, Credit, Debit, Operation, Transfer
from wallets.posting import Posted
from wallets.services import capture


class _HoldIdField(serializers.Field[UUID, Any, Any, Any]):
    default_error_messages = {"required": "holdId is required", "null": "holdId is required"}

    def to_internal_value(self, data: Any) -> UUID:
        try:
            return UUID(data)
        except (ValueError, TypeError, AttributeError) as error:
            raise serializers.ValidationError("holdId must be a UUID") from error


class BatchCredit(MoveMoney):
    """`{"op": "credit", …}` and `{"op": "debit", …}`."""

    op = serializers.ChoiceField(choices=["credit", "debit"])
    userId = UserIdField()  # noqa: N815


class BatchTransfer(TransferMoney):
    """`{"op": "transfer", …}`."""

    op = serializers.ChoiceField(choices=["transfer"])


class BatchCapture(CaptureHold):
    """`{"op": "capture", …}`."""

    op = serializers.ChoiceField(choices=["capture"])
    holdId = extend_schema_field(serializers.UUIDField())(_HoldIdField)()  # noqa: N815


_BODIES: Mapping[str, StrictSerializer] = {
    "credit": BatchCredit(),
    "debit": BatchCredit(),
    "transfer": BatchTransfer(),
    "capture": BatchCapture(),
}


class _Operations(serializers.Field[list[Any], Any, Any, Any]):
    default_error_messages = {"required": "operations is required", "null": "operations is required"}

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list) or not 1 <= len(data) <= MOST_OPERATIONS:
            raise serializers.ValidationError(f"operations must be a list of 1 to {MOST_OPERATIONS}")
        return data


_ONE_OF = PolymorphicProxySerializer(
    component_name="BatchOperation",
    serializers=[BatchCredit, BatchTransfer, BatchCapture],
    resource_type_field_name=None,
    many=True,
)


class Batch(StrictSerializer):
    """`POST /batches`."""

    atomic = TrueOrFalseField(
        help_text="All or none, or each for itself.", error_messages={"required": "atomic must be true or false"}
    )
    operations = extend_schema_field(_ONE_OF)(_Operations)(help_text=f"1 to {MOST_OPERATIONS}, carried out in order.")


class BatchResult(serializers.Serializer[None]):
    """What became of one operation."""

    referenceId = serializers.CharField(allow_null=True)  # noqa: N815
    status = serializers.ChoiceField(choices=["SUCCESS", "FAILED", "REFUSED"])
    transaction_id = serializers.UUIDField(allow_null=True)
    balance = NumberField(allow_null=True)
    error = serializers.CharField(allow_null=True)
    replayed = serializers.BooleanField()


class BatchResults(serializers.Serializer[None]):
    """The reply to `POST /batches`."""

    results = BatchResult(many=True, help_text="One for each operation, in their order.")


_BATCH = Batch()


class BatchViewSet(ApiViewSet):
    """Batches of operations."""

    max_body_bytes = 1024 * 1024

    @documented(
        "postBatch",
        "Many operations in one database transaction",
        tag="Batches",
        scope=Scope.WALLETS_WRITE,
        request=Batch,
        asks={
            "atomic": False,
            "operations": [
                {"op": "credit", "userId": 1, "amount": 1000, "referenceId": "salary-001"},
                {"op": "transfer", "fromUserId": 1, "toUserId": 2, "amount": 300, "referenceId": "rent-001"},
            ],
        },
        reply=BatchResults,
        answers={
            "results": [
                {
                    "referenceId": "salary-001",
                    "status": "SUCCESS",
                    "transaction_id": "01a2043c-6ce1-753f-aa55-b0807cdd7ac3",
                    "balance": 1000,
                    "error": None,
                    "replayed": False,
                },
                {
                    "referenceId": "rent-001",
                    "status": "REFUSED",
                    "transaction_id": None,
                    "balance": None,
                    "error": "Wallet not found",
                    "replayed": False,
                },
            ]
        },
        _400=["Operation 1: Insufficient balance", f"operations must be a list of 1 to {MOST_OPERATIONS}"],
        _404="Operation 0: Wallet not found",
        _409="Operation 2: Duplicate referenceId",
        _503=UNKNOWN,
    )
    def create(self, request: Request) -> Response:
        """Carry out up to 1000 credits, debits, transfers and captures, in their order, in one database transaction.

        With `atomic`, all or none: the refusal names the first that cannot be carried out, and nothing is stored, so
        that its referenceIds are free. Without, each for itself, with a result for each: SUCCESS or FAILED as it was
        recorded, REFUSED when nothing was stored. A batch that was cut off can be sent again whole.
        """
        body = validated(_BATCH, request.data)
        holds = Hold.objects.in_bulk(_hold_ids(body["operations"]))
        caller = caller_of(request)
        limiter.require_room_for_failures(caller)
        read = [_read(one, holds, caller) for one in body["operations"]]
        results = _all(read) if body["atomic"] else _each(read)
        count_failures(caller, results)
        return Response({"results": [_result(*each) for each in zip(body["operations"], results, strict=True)]})


_Refusal = AccountsError | LedgerError | WalletsError | serializers.ValidationError


def _each(read: Sequence[Operation | _Refusal]) -> Sequence[Result | _Refusal]:
    results = iter(carry_out_each([one for one in read if isinstance(one, Operation)]))
    return [next(results) if isinstance(one, Operation) else one for one in read]


def _all(read: Sequence[Operation | _Refusal]) -> Sequence[Posted]:
    operations = []
    for index, one in enumerate(read):
        if not isinstance(one, Operation):
            raise BatchRefused(index, one)
        operations.append(one)
    return carry_out_all(operations)


def _hold_ids(sent: list[Any]) -> set[UUID]:
    """The holds that captures name, so far as they can be read."""
    found = set()
    for one in sent:
        if isinstance(one, dict) and isinstance(one.get("holdId"), str):
            try:
                found.add(UUID(one["holdId"]))
            except ValueError:
                continue
    return found


def _read(sent: Any, holds: Mapping[UUID, Hold], caller: Caller) -> Operation | _Refusal:
    """The operation that was sent, or what is wrong with it."""
    op = sent.get("op") if isinstance(sent, dict) else None
    if not isinstance(op, str) or op not in _BODIES:
        return serializers.ValidationError({"op": [f"op must be one of {', '.join(_BODIES)}"]})
    try:
        return in_the_name_of(caller, _operation(op, validated(_BODIES[op], sent), holds, caller))
    except (AccountsError, LedgerError, WalletsError, serializers.ValidationError) as error:
        return error


def _operation(op: str, body: dict[str, Any], holds: Mapping[UUID, Hold], caller: Caller) -> Operation:
    words = {"description": body.get("description", ""), "metadata": body.get("metadata")}
    reference = body["referenceId"]
    if op == "transfer":
        return Transfer(
            user_id=body["fromUserId"],
            counterparty=body["toUserId"],
            amount=body["amount"],
            reference_id=reference,
            **words,
        )
    if op == "capture":
        hold = holds.get(body["holdId"])
        if hold is None:
            raise HoldNotFound
        caller.require_account(hold.account_id)  # wherever the money is to go
        return capture(
            hold,
            amount=body.get("amount"),
            final=body.get("final", False),
            account=body.get("account"),
            reference_id=reference,
            **words,
        )
    return (Credit if op == "credit" else Debit)(
        user_id=body["userId"],
        amount=body["amount"],
        account=body.get("account", EXTERNAL),
        reference_id=reference,
        **words,
    )


def _result(sent: Any, result: Result | _Refusal) -> dict[str, Any]:
    reference = sent.get("referenceId") if isinstance(sent, dict) else None
    answer = {
        "referenceId": reference if isinstance(reference, str) else None,
        "status": "REFUSED",
        "transaction_id": None,
        "balance": None,
        "error": None,
        "replayed": False,
    }
    if isinstance(result, Posted):
        row = result.transaction
        failed = row.status == Status.FAILED
        return answer | {
            "status": row.status,
            "transaction_id": str(row.transaction_id),
            "balance": json_number(row.balance_after),
            "error": row.failure_reason if failed else None,
            "replayed": result.replayed,
        }
    return answer | {"error": _sentence_of(result)}


def _sentence_of(error: _Refusal) -> str:
    """What is wrong, in one sentence: the first one, where there are several fields."""
    if isinstance(error, serializers.ValidationError):
        by_field = cast("dict[str, list[str]]", error.detail)  # a body is validated field by field
        return str(next(iter(by_field.values()))[0])
    return str(error)
