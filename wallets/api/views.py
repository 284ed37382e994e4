"""The wallet endpoints."""

from collections.abc import Callable
from typing import Any, TypeVar

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.documentation import documented
from accounts.api.fields import validated
from accounts.api.viewsets import ApiViewSet
from accounts.scopes import Scope
from ledger.money import json_number
from wallets import services
from wallets.api import replies
from wallets.api.carrying_out import carry_out
from wallets.api.documentation import BAD_AMOUNT, DUPLICATE, MONEY_HEADERS, NO_REFERENCE, UNKNOWN, USER_ID
from wallets.api.newest import newest_transactions
from wallets.api.serializers import Balance, CreateWallet, MoveMoney, WalletDetails
from wallets.operations import EXTERNAL, Credit, Debit, Operation

_View = TypeVar("_View", bound=Callable[..., Response])

_CREATE_WALLET = CreateWallet()
_MOVE_MONEY = MoveMoney()


def _documented_move(
    direction: str, past: str, example: dict[str, Any], balance: int, refused: str
) -> Callable[[_View], _View]:
    """What the OpenAPI document says of a credit or a debit."""
    return documented(
        f"{direction}Wallet",
        f"{direction.capitalize()} money",
        tag="Wallets",
        scope=Scope.WALLETS_WRITE,
        request=MoveMoney,
        asks=example,
        reply=Balance,
        answers={"message": f"Wallet {past} successfully", "balance": balance},
        parameters=[USER_ID, *MONEY_HEADERS],
        _400=[refused, "Wallet is frozen", BAD_AMOUNT, NO_REFERENCE, "Unknown account: bank"],
        _404="Wallet not found",
        _409=DUPLICATE,
        _503=UNKNOWN,
    )


class WalletViewSet(ApiViewSet):
    """Wallets: one per user."""

    @documented(
        "createWallet",
        "Create a user's wallet",
        tag="Wallets",
        scope=Scope.WALLETS_WRITE,
        request=CreateWallet,
        asks={"userId": 1},
        status=201,
        reply=Balance,
        answers={"message": "Wallet created successfully", "balance": 0},
        _400="userId is required",
        _404="User not found",
        _409="Wallet already exists",
    )
    def create(self, request: Request) -> Response:
        """Create the wallet of a user, empty, in a currency that is its own for ever. A user has one wallet."""
        body = validated(_CREATE_WALLET, request.data)
        wallet = services.create_wallet(user_id=body["userId"], currency=body.get("currency"))
        return Response({"message": "Wallet created successfully", "balance": json_number(wallet.balance)}, status=201)

    @documented(
        "getWallet",
        "Balance and last 10 transactions",
        tag="Wallets",
        scope=Scope.WALLETS_READ,
        reply=WalletDetails,
        answers={
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
        parameters=[USER_ID],
        _404="Wallet not found",
    )
    def retrieve(self, request: Request, user_id: int) -> Response:
        """The balance and the newest transactions of one moment, in the order in which they were decided."""
        head, transactions = newest_transactions(user_id)
        return Response({"userId": str(user_id), "balance": json_number(head.balance), "transactions": transactions})

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
    posted = carry_out(
        request,
        operation(
            user_id=user_id,
            amount=body["amount"],
            reference_id=body["referenceId"],
            account=body.get("account", EXTERNAL),
            description=body.get("description", ""),
            metadata=body.get("metadata"),
        ),
    )
    return replies.moved(message, posted)
