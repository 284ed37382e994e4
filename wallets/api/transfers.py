"""Transfers between two wallets."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.documentation import documented
from accounts.api.fields import validated
from accounts.api.viewsets import ApiViewSet
from accounts.scopes import Scope
from wallets.api import replies
from wallets.api.carrying_out import carry_out
from wallets.api.documentation import BAD_AMOUNT, DUPLICATE, MONEY_HEADERS, NO_REFERENCE, UNKNOWN
from wallets.api.serializers import Balance, TransferMoney
from wallets.operations import Transfer

_TRANSFER = TransferMoney()


class TransferViewSet(ApiViewSet):
    """Transfers: both sides, or neither."""

    @documented(
        "transferMoney",
        "Transfer money",
        tag="Transfers",
        scope=Scope.WALLETS_WRITE,
        request=TransferMoney,
        asks={
            "fromUserId": 1,
            "toUserId": 2,
            "amount": 300,
            "referenceId": "transfer-001",
            "description": "Rent",
        },
        reply=Balance,
        answers={"message": "Transfer completed successfully", "balance": 700},
        parameters=MONEY_HEADERS,
        _400=[
            "Insufficient balance",
            "Wallet is frozen",
            "Receiving wallet is frozen",
            "Receiving wallet is closed",
            "Daily limit exceeded",
            BAD_AMOUNT,
            NO_REFERENCE,
            "fromUserId and toUserId must be two users",
            "The two wallets hold different currencies",
        ],
        _404="Wallet not found",
        _409=DUPLICATE,
        _503=UNKNOWN,
    )
    def create(self, request: Request) -> Response:
        """Move money from one wallet to another of the same currency, once for each referenceId.

        A refusal, for want of funds for instance, is one FAILED transaction of the sender. The balance is the sender's.
        """
        body = validated(_TRANSFER, request.data)
        posted = carry_out(
            request,
            Transfer(
                user_id=body["fromUserId"],
                counterparty=body["toUserId"],
                amount=body["amount"],
                reference_id=body["referenceId"],
                description=body.get("description", ""),
                metadata=body.get("metadata"),
            ),
        )
        return replies.moved("Transfer completed successfully", posted)
