"""What may be done with a wallet, and how much: freezing, closing, limits. For operators."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.authentication import caller_of
from accounts.api.documentation import documented
from accounts.api.fields import validated
from accounts.api.viewsets import ApiViewSet
from accounts.scopes import Scope
from wallets import corrections
from wallets.api import representations
from wallets.api.documentation import USER_ID
from wallets.api.serializers import FreezeWallet, Limits, SetLimits, WalletState, WithReason
from wallets.models import WalletStatus

_FREEZE, _REASON, _LIMITS = FreezeWallet(), WithReason(), SetLimits()


class OversightViewSet(ApiViewSet):
    """A wallet's status and limits. Each change leaves an audit record."""

    @documented(
        "freezeWallet",
        "Freeze a wallet",
        tag="Oversight",
        scope=Scope.WALLETS_OPERATE,
        request=FreezeWallet,
        asks={"reason": "Ticket 4711", "debitsOnly": True},
        reply=WalletState,
        answers={"message": "Wallet frozen successfully", "status": "DEBIT_FROZEN"},
        parameters=[USER_ID],
        _400=["A reason of 1 to 500 characters is needed", "The wallet is closed"],
        _404="Wallet not found",
    )
    def freeze(self, request: Request, user_id: int) -> Response:
        """No money moves any more or, with `debitsOnly`, none goes out. What is asked for is a FAILED transaction."""
        body = validated(_FREEZE, request.data)
        debits_only = body.get("debitsOnly", False)
        corrections.set_frozen(
            user_id=user_id, frozen=True, debits_only=debits_only, reason=body["reason"], actor=caller_of(request).actor
        )
        status = WalletStatus.DEBIT_FROZEN if debits_only else WalletStatus.FROZEN
        return Response({"message": "Wallet frozen successfully", "status": status.value})

    @documented(
        "unfreezeWallet",
        "Unfreeze a wallet",
        tag="Oversight",
        scope=Scope.WALLETS_OPERATE,
        request=WithReason,
        asks={"reason": "Ticket 4711 is settled"},
        reply=WalletState,
        answers={"message": "Wallet unfrozen successfully", "status": "ACTIVE"},
        parameters=[USER_ID],
        _400=["A reason of 1 to 500 characters is needed", "The wallet is closed"],
        _404="Wallet not found",
    )
    def unfreeze(self, request: Request, user_id: int) -> Response:
        """Money of a frozen wallet may move again."""
        body = validated(_REASON, request.data)
        corrections.set_frozen(user_id=user_id, frozen=False, reason=body["reason"], actor=caller_of(request).actor)
        return Response({"message": "Wallet unfrozen successfully", "status": WalletStatus.ACTIVE.value})

    @documented(
        "closeWallet",
        "Close a wallet for ever",
        tag="Oversight",
        scope=Scope.WALLETS_OPERATE,
        request=WithReason,
        asks={"reason": "The user has left"},
        reply=WalletState,
        answers={"message": "Wallet closed successfully", "status": "CLOSED"},
        parameters=[USER_ID],
        _400=[
            "A reason of 1 to 500 characters is needed",
            "A wallet can be closed when its balance is 0 and nothing is held",
        ],
        _404="Wallet not found",
    )
    def close(self, request: Request, user_id: int) -> Response:
        """Only a wallet without balance and holds can be closed; it is not opened again."""
        body = validated(_REASON, request.data)
        corrections.close(user_id=user_id, reason=body["reason"], actor=caller_of(request).actor)
        return Response({"message": "Wallet closed successfully", "status": WalletStatus.CLOSED.value})

    @documented(
        "setLimits",
        "Set a wallet's limits",
        tag="Oversight",
        scope=Scope.WALLETS_OPERATE,
        request=SetLimits,
        asks={"overdraftLimit": 100, "dailyLimit": 5000, "reason": "A good customer"},
        reply=Limits,
        answers={
            "message": "Limits set successfully",
            "overdraftLimit": 100,
            "amountLimit": None,
            "dailyLimit": 5000,
            "monthlyLimit": None,
            "balanceLimit": None,
        },
        parameters=[USER_ID],
        _400=[
            "A reason of 1 to 500 characters is needed",
            "The overdraft limit must cover what the wallet owes and holds now",
            "The balance limit must cover what the wallet has now",
        ],
        _404="Wallet not found",
    )
    def limits(self, request: Request, user_id: int) -> Response:
        """Set the limits that are named; null is back to the service's own. Answers all of them."""
        body = validated(_LIMITS, request.data)
        limits = {representations.LIMITS[name]: value for name, value in body.items() if name != "reason"}
        wallet = corrections.set_limits(
            user_id=user_id, limits=limits, reason=body["reason"], actor=caller_of(request).actor
        )
        return Response({"message": "Limits set successfully"} | representations.limits(wallet))
