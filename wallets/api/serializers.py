"""Bodies of the wallet endpoints: what is asked, and what is answered."""

from rest_framework import serializers

from accounts.api.fields import StrictSerializer, UserIdField
from ledger.models import Status, Type
from wallets.api.fields import (
    AccountField,
    AmountField,
    CurrencyField,
    DescriptionField,
    LimitField,
    MetadataField,
    MomentField,
    NumberField,
    ReasonField,
    ReferenceIdField,
    TrueOrFalseField,
)
from wallets.models import HoldStatus, WalletStatus


class CreateWallet(StrictSerializer):
    """`POST /wallets`."""

    userId = UserIdField()  # noqa: N815  (the seed's key)
    currency = CurrencyField(required=False)


class Annotated(StrictSerializer):
    """What may be said of any operation."""

    description = DescriptionField(required=False)
    metadata = MetadataField(required=False)


class MoveMoney(Annotated):
    """`POST /wallets/:userId/credit` and `…/debit`."""

    amount = AmountField()
    referenceId = ReferenceIdField()  # noqa: N815  (the seed's key)
    account = AccountField(required=False)


class TransferMoney(Annotated):
    """`POST /transfers`."""

    fromUserId = UserIdField()  # noqa: N815
    toUserId = UserIdField()  # noqa: N815
    amount = AmountField()
    referenceId = ReferenceIdField()  # noqa: N815


class PlaceHold(Annotated):
    """`POST /wallets/:userId/holds`."""

    amount = AmountField()
    referenceId = ReferenceIdField()  # noqa: N815
    expiresAt = MomentField(required=False)  # noqa: N815
    account = AccountField(required=False)


class CaptureHold(Annotated):
    """`POST /holds/:holdId/capture`."""

    amount = AmountField(required=False, help_text="Left out: all that the hold has left.")
    referenceId = ReferenceIdField()  # noqa: N815
    final = TrueOrFalseField(required=False, help_text="Whether what is left afterwards is let go.")
    account = AccountField(required=False)


class ReleaseHold(StrictSerializer):
    """`POST /holds/:holdId/release`."""

    reason = DescriptionField(required=False)


class ReverseTransaction(StrictSerializer):
    """`POST /transactions/:transactionId/reverse`."""

    amount = AmountField(required=False, help_text="Left out: all that was not reversed before.")
    referenceId = ReferenceIdField()  # noqa: N815
    reason = ReasonField()
    metadata = MetadataField(required=False)


class WithReason(StrictSerializer):
    """`POST /wallets/:userId/unfreeze` and `…/close`."""

    reason = ReasonField()


class FreezeWallet(WithReason):
    """`POST /wallets/:userId/freeze`."""

    debitsOnly = TrueOrFalseField(  # noqa: N815
        required=False, help_text="Money may still come in."
    )


class SetLimits(StrictSerializer):
    """`PATCH /wallets/:userId/limits`: those that are named; null is back to the service's own."""

    overdraftLimit = LimitField(required=False, allow_null=True)  # noqa: N815
    amountLimit = LimitField(required=False, allow_null=True)  # noqa: N815
    dailyLimit = LimitField(required=False, allow_null=True)  # noqa: N815
    monthlyLimit = LimitField(required=False, allow_null=True)  # noqa: N815
    balanceLimit = LimitField(required=False, allow_null=True)  # noqa: N815
    reason = ReasonField()


class Balance(serializers.Serializer[None]):
    """The reply to whatever changes a wallet. The balance is a JSON number, exact."""

    message = serializers.CharField()
    balance = NumberField()


class TransactionLine(serializers.Serializer[None]):
    """One line of a wallet's history."""

    transaction_id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=Type.choices)
    amount = NumberField()
    status = serializers.ChoiceField(choices=[Status.SUCCESS, Status.FAILED])
    reference_id = serializers.CharField()
    failure_reason = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class WalletDetails(serializers.Serializer[None]):
    """The reply to `GET /wallets/:userId`."""

    userId = serializers.CharField(help_text="The userId as it stands in the path.")  # noqa: N815  (the seed's key)
    balance = NumberField()
    transactions = TransactionLine(many=True, help_text="The 10 newest, newest first, failed ones included.")


class TransactionDetails(TransactionLine):
    """All that a transaction says."""

    user_id = serializers.IntegerField()
    sequence = serializers.IntegerField(help_text="Its number within the wallet: 1, 2, 3 …")
    kind = serializers.CharField()
    status = serializers.ChoiceField(choices=Status.choices)
    balance_after = NumberField()
    held_after = NumberField()
    available_after = NumberField()
    account = serializers.CharField()
    counterparty = serializers.IntegerField(allow_null=True, help_text="The user on the other side of a transfer.")
    reverses = serializers.UUIDField(allow_null=True)
    hold_id = serializers.UUIDField(allow_null=True)
    description = serializers.CharField()
    metadata = serializers.DictField(child=serializers.CharField())
    hash = serializers.CharField()


class OneTransaction(TransactionDetails):
    """The reply to `GET /transactions/:transactionId`."""

    reversed_by = serializers.ListField(child=serializers.UUIDField())


class FoundTransactions(serializers.Serializer[None]):
    """The reply to `GET /transactions?referenceId=`."""

    transactions = TransactionDetails(many=True)


class HistoryPage(serializers.Serializer[None]):
    """The reply to `GET /wallets/:userId/transactions`."""

    userId = serializers.CharField()  # noqa: N815
    transactions = TransactionDetails(many=True, help_text="Newest first.")
    next = serializers.CharField(allow_null=True, help_text="The cursor of the page after this one; null at the end.")


class BalanceAtMoment(serializers.Serializer[None]):
    """The reply to `GET /wallets/:userId/balance`."""

    userId = serializers.CharField()  # noqa: N815
    balance = NumberField()
    held = NumberField()
    available = NumberField()
    sequence = serializers.IntegerField(help_text="Of the newest transaction then; 0 before the first.")


class HoldPlaced(serializers.Serializer[None]):
    """The reply to `POST /wallets/:userId/holds` and `POST /holds/:holdId/release`."""

    message = serializers.CharField()
    holdId = serializers.UUIDField()  # noqa: N815
    available = NumberField()


class HoldDetails(serializers.Serializer[None]):
    """The reply to `GET /holds/:holdId`."""

    holdId = serializers.UUIDField()  # noqa: N815
    userId = serializers.IntegerField()  # noqa: N815
    amount = NumberField()
    captured = NumberField()
    left = NumberField()
    status = serializers.ChoiceField(choices=HoldStatus.choices)
    account = serializers.CharField()
    expiresAt = serializers.DateTimeField(allow_null=True)  # noqa: N815
    createdAt = serializers.DateTimeField()  # noqa: N815


class WalletState(serializers.Serializer[None]):
    """The reply to freezing, unfreezing and closing."""

    message = serializers.CharField()
    status = serializers.ChoiceField(choices=WalletStatus.choices)


class Limits(serializers.Serializer[None]):
    """The reply to `PATCH /wallets/:userId/limits`."""

    message = serializers.CharField()
    overdraftLimit = NumberField()  # noqa: N815
    amountLimit = NumberField(allow_null=True)  # noqa: N815
    dailyLimit = NumberField(allow_null=True)  # noqa: N815
    monthlyLimit = NumberField(allow_null=True)  # noqa: N815
    balanceLimit = NumberField(allow_null=True)  # noqa: N815
