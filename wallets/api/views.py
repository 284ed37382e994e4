"""The wallet endpoints."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.documentation import refusals
from accounts.api.fields import validated
from accounts.api.viewsets import ApiViewSet
from ledger.money import json_number
from wallets import selectors, services
from wallets.api import representations
from wallets.api.documentation import MONEY_HEADERS, USER_ID
from wallets.api.serializers import Balance, CreateWallet, MoveMoney, WalletDetails
from wallets.operations import EXTERNAL, Credit, Debit, Operation

_View = TypeVar("_View", bound=Callable[..., Response])

_CREATE_WALLET = CreateWallet()
_MOVE_MONEY = MoveMoney()


def _documented_move(
    direction: str, past: str, example: dict[str, Any], balance: int, refused: str
) -> Callable[[_View], _View]:
    """What the OpenAPI document says of a credit or a debit."""
    decorator: Callable[[_View], _View] = extend_schema(
        operation_id=f"{direction}Wallet",
        summary=f"{direction.capitalize()} money",
        tags=["Wallets"],
        parameters=[USER_ID, *MONEY_HEADERS],
        request=MoveMoney,
        responses={
            200: Balance,
            **refusals(
                _400=[
                    refused,
                    "Wallet is frozen",
                    "Amount must be greater than 0",
                    "referenceId is required",
                    "Unknown account: bank",
                ],
                _404="Wallet not found",
                _409="Duplicate referenceId",
                _503="Outcome unknown, retry with the same referenceId",
            ),
        },
        examples=[
            OpenApiExample(direction.capitalize(), value=example, request_only=True),
            OpenApiExample(
                past.capitalize(),
                value={"message": f"Wallet {past} successfully", "balance": balance},
                response_only=True,
                status_codes=["200"],
            ),
        ],
    )
    return decorator


class WalletViewSet(ApiViewSet):
    """Wallets: one per user."""

    @extend_schema(
        operation_id="createWallet",
        summary="Create a user's wallet",
        tags=["Wallets"],
        request=CreateWallet,
        responses={
            201: Balance,
            **refusals(_400="userId is required", _404="User not found", _409="Wallet already exists"),
        },
        examples=[
            OpenApiExample("Wallet", value={"userId": 1}, request_only=True),
            OpenApiExample(
                "Created",
                value={"message": "Wallet created successfully", "balance": 0},
                response_only=True,
                status_codes=["201"],
            ),
        ],
    )
    def create(self, request: Request) -> Response:
        """Create the wallet of a user, empty, in a currency that is its own for ever. A user has one wallet."""
        body = validated(_CREATE_WALLET, request.data)
        wallet = services.create_wallet(user_id=body["userId"], currency=body.get("currency"))
        return Response({"message": "Wallet created successfully", "balance": json_number(wallet.balance)}, status=201)

    @extend_schema(
        operation_id="getWallet",
        summary="Balance and last 10 transactions",
        tags=["Wallets"],
        parameters=[USER_ID],
        responses={200: WalletDetails, **refusals(_404="Wallet not found")},
        examples=[
            OpenApiExample(
                "Wallet",
                value={
                    "userId": "1",
                    "balance": 700,
                    "transactions": [
                        {
                            "transaction_id": "01a2043c-6ce1-753f-aa55-b0807cdd7ac3",
                            "type": "DEBIT",
                            "amount": 300,
                            "status": "SUCCESS",
                            "reference_id": "debit-ref-001",
                            "failure_reason": None,
                            "created_at": "2026-02-11T10:00:00.000Z",
                        }
                    ],
                },
                response_only=True,
                status_codes=["200"],
            )
        ],
    )
    def retrieve(self, request: Request, user_id: int) -> Response:
        """The balance and the newest transactions of one moment, in the order in which they were decided."""
        details = selectors.wallet_details(user_id)
        return Response(representations.wallet_details(str(user_id), details))

    @_documented_move(
        "credit", "credited", {"amount": 1000, "referenceId": "credit-ref-001"}, 1000, "Balance limit exceeded"
    )
    def credit(self, request: Request, user_id: int) -> Response:
        """Move money into the wallet, once for each referenceId."""
        return _move(request, user_id, Credit, "Wallet credited successfully")

    @_documented_move("debit", "debited", {"amount": 300, "referenceId": "debit-ref-001"}, 700, "Insufficient balance")
    def debit(self, request: Request, user_id: int) -> Response:
        """Move money out of the wallet, once for each referenceId.

        When the money is not there, the refusal is recorded as a FAILED transaction, and the same referenceId gets
        the same refusal for ever.
        """
        return _move(request, user_id, Debit, "Wallet debited successfully")


def _move(request: Request, user_id: int, operation: type[Operation], message: str) -> Response:
    body = validated(_MOVE_MONEY, request.data)
    posted = services.carry_out(
        operation(
            user_id=user_id,
            amount=body["amount"],
            reference_id=body["referenceId"],
            account=body.get("account", EXTERNAL),
            description=body.get("description", ""),
            metadata=body.get("metadata"),
        )
    )
    balance = json_number(posted.transaction.balance_after)
    headers = representations.transaction_headers(posted.transaction, replayed=posted.replayed)
    return Response({"message": message, "balance": balance}, headers=headers)
