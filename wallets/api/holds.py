"""Holds: money set aside, captured in parts, let go."""

from uuid import UUID

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from uuid_utils.compat import uuid7

from accounts.api.authentication import caller_of
from accounts.api.documentation import documented
from accounts.api.fields import validated
from accounts.api.viewsets import ApiViewSet
from accounts.scopes import Scope
from wallets import holds, selectors, services
from wallets.api import replies, representations
from wallets.api.carrying_out import carry_out
from wallets.api.documentation import BAD_AMOUNT, DUPLICATE, HOLD_ID, MONEY_HEADERS, NO_REFERENCE, UNKNOWN, USER_ID
from wallets.api.serializers import Balance, CaptureHold, HoldDetails, HoldPlaced, PlaceHold, ReleaseHold
from wallets.operations import EXTERNAL
from wallets.operations import PlaceHold as PlaceHoldOperation

_PLACE, _CAPTURE, _RELEASE = PlaceHold(), CaptureHold(), ReleaseHold()
_EXAMPLE = "01a208e7-0531-71d8-af99-10dffc33e5b0"


class HoldViewSet(ApiViewSet):
    """Holds of a wallet's money."""

    @documented(
        "placeHold",
        "Set money aside",
        tag="Holds",
        scope=Scope.WALLETS_WRITE,
        request=PlaceHold,
        asks={"amount": 200, "referenceId": "hold-001", "expiresAt": "2099-02-11T10:00:00Z"},
        status=201,
        reply=HoldPlaced,
        answers={"message": "Hold placed successfully", "holdId": _EXAMPLE, "available": 500},
        parameters=[USER_ID, *MONEY_HEADERS],
        _400=[
            "Insufficient balance",
            "Wallet is frozen",
            "Amount limit exceeded",
            BAD_AMOUNT,
            NO_REFERENCE,
            "expiresAt must be in the future",
            "Unknown account: bank",
        ],
        _404="Wallet not found",
        _409=DUPLICATE,
        _503=UNKNOWN,
    )
    def create(self, request: Request, user_id: int) -> Response:
        """Set money of the wallet aside, so that it can be captured and not be spent, once for each referenceId.

        From `expiresAt` on, the hold counts no more.
        """
        body = validated(_PLACE, request.data)
        posted = carry_out(
            request,
            PlaceHoldOperation(
                user_id=user_id,
                amount=body["amount"],
                reference_id=body["referenceId"],
                concerns=uuid7(),
                expires_at=body.get("expiresAt"),
                account=body.get("account", EXTERNAL),
                description=body.get("description", ""),
                metadata=body.get("metadata"),
            ),
        )
        return replies.held("Hold placed successfully", posted, status=201)

    @documented(
        "getHold",
        "A hold as it is now",
        tag="Holds",
        scope=Scope.WALLETS_READ,
        reply=HoldDetails,
        answers={
            "holdId": _EXAMPLE,
            "userId": 1,
            "amount": 200,
            "captured": 50,
            "left": 150,
            "status": "OPEN",
            "account": "external",
            "expiresAt": "2099-02-11T10:00:00.000Z",
            "createdAt": "2026-02-11T10:00:00.000Z",
        },
        parameters=[HOLD_ID],
        _404="Hold not found",
    )
    def retrieve(self, request: Request, hold_id: UUID) -> Response:
        """What was set aside, what of it was captured, and what is left."""
        return Response(representations.hold(selectors.require_hold(hold_id), timezone.now()))

    @documented(
        "captureHold",
        "Capture a hold, or a part of it",
        tag="Holds",
        scope=Scope.WALLETS_WRITE,
        request=CaptureHold,
        asks={"amount": 50, "referenceId": "capture-001"},
        reply=Balance,
        answers={"message": "Hold captured successfully", "balance": 650},
        parameters=[HOLD_ID, *MONEY_HEADERS],
        _400=[
            "Capture exceeds what is held",
            "Hold is captured",
            "Hold is released",
            "Hold has expired",
            "Wallet is frozen",
            BAD_AMOUNT,
            NO_REFERENCE,
        ],
        _404="Hold not found",
        _409=DUPLICATE,
        _503=UNKNOWN,
    )
    def capture(self, request: Request, hold_id: UUID) -> Response:
        """Take money out of the wallet that the hold has set aside, once for each referenceId.

        Several captures may follow each other, up to what was held; `final` lets go of the rest.
        """
        body = validated(_CAPTURE, request.data)
        hold = selectors.require_hold(hold_id)
        caller_of(request).require_account(hold.account_id)  # wherever the money is to go
        posted = carry_out(
            request,
            services.capture(
                hold,
                amount=body.get("amount"),
                reference_id=body["referenceId"],
                final=body.get("final", False),
                account=body.get("account"),
                description=body.get("description", ""),
                metadata=body.get("metadata"),
            ),
        )
        return replies.moved("Hold captured successfully", posted)

    @documented(
        "releaseHold",
        "Let a hold go",
        tag="Holds",
        scope=Scope.WALLETS_WRITE,
        request=ReleaseHold,
        asks={"reason": "Order cancelled"},
        reply=HoldPlaced,
        answers={"message": "Hold released successfully", "holdId": _EXAMPLE, "available": 700},
        parameters=[HOLD_ID, *MONEY_HEADERS],
        _400="Unknown field: amount",
        _404="Hold not found",
        _409=["Hold is captured", "Hold has expired"],
        _503=UNKNOWN,
    )
    def release(self, request: Request, hold_id: UUID) -> Response:
        """Make all that the hold has left available again. Asked for again, it answers the same."""
        body = validated(_RELEASE, request.data)
        hold = selectors.require_hold(hold_id)
        posted = carry_out(request, holds.release_of(hold, description=body.get("reason", "")))
        return replies.held("Hold released successfully", posted, status=200)
