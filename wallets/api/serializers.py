"""Bodies of the wallet endpoints."""

from rest_framework import serializers

from accounts.api.fields import StrictSerializer, UserIdField
from ledger.models import Status, Type
from wallets.api.fields import AccountField, AmountField, NumberField, ReferenceIdField


class CreateWallet(StrictSerializer):
    """`POST /wallets`."""

    userId = UserIdField()  # noqa: N815  (the seed's key)


class MoveMoney(StrictSerializer):
    """`POST /wallets/:userId/credit` and `…/debit`."""

    amount = AmountField()
    referenceId = ReferenceIdField()  # noqa: N815  (the seed's key)
    account = AccountField(required=False)


class Balance(serializers.Serializer[None]):
    """The reply to whatever changes a wallet. The balance is a JSON number, exact."""

    message = serializers.CharField()
    balance = NumberField()


class TransactionLine(serializers.Serializer[None]):
    """One line of a wallet's history."""

    transaction_id = serializers.UUIDField()
    type = serializers.ChoiceField(choices=Type.choices)
    amount = NumberField()
    status = serializers.ChoiceField(choices=Status.choices)
    reference_id = serializers.CharField()
    failure_reason = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()


class WalletDetails(serializers.Serializer[None]):
    """The reply to `GET /wallets/:userId`."""

    userId = serializers.CharField(help_text="The userId as it stands in the path.")  # noqa: N815  (the seed's key)
    balance = NumberField()
    transactions = TransactionLine(many=True, help_text="The 10 newest, newest first, failed ones included.")
