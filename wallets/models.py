"""What each user holds now. The past, which explains it, is in the ledger.

Invariant: `balance` is the `balance_after` of the newest transaction, `sequence` is its number and `head_hash` its
hash. `wallets.posting` alone writes them, under the wallet's lock, in the commit that writes the transaction.
"""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Q

from ledger.fields import ExactCharField, MoneyField
from ledger.hashing import GENESIS
from ledger.money import MAX_MONEY


def default_currency() -> str:
    """The currency of a wallet that was created without naming one."""
    return str(settings.WALLET_CURRENCY)


class WalletStatus(models.TextChoices):
    """What may be done with a wallet."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    CLOSED = "CLOSED"


class Wallet(models.Model):
    """One user's wallet. Its primary key is the user: a second one cannot exist, and its lock is a primary-key lock."""

    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, primary_key=True, db_column="user_id")
    currency = ExactCharField(max_length=3, default=default_currency)
    status = ExactCharField(max_length=6, choices=WalletStatus.choices, default=WalletStatus.ACTIVE)
    balance = MoneyField(default=Decimal(0))
    held = MoneyField(default=Decimal(0))
    overdraft_limit = MoneyField(default=Decimal(0))
    sequence = models.BigIntegerField(default=0)
    # The hash of the newest transaction: the head of the wallet's chain.
    head_hash = ExactCharField(max_length=64, default=GENESIS)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "wallets"
        indexes = [models.Index(fields=["status"], name="wallets_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    balance__gte=ExpressionWrapper(F("held") - F("overdraft_limit"), output_field=MoneyField())
                ),
                name="wallets_never_below_limit",
            ),
            models.CheckConstraint(condition=Q(held__gte=0), name="wallets_held_not_negative"),
            models.CheckConstraint(condition=Q(overdraft_limit__gte=0), name="wallets_overdraft_not_negative"),
            models.CheckConstraint(
                condition=Q(balance__gte=-MAX_MONEY, balance__lte=MAX_MONEY), name="wallets_balance_in_range"
            ),
            models.CheckConstraint(condition=Q(sequence__gte=0), name="wallets_sequence_not_negative"),
            models.CheckConstraint(condition=Q(status__in=WalletStatus.values), name="wallets_status_known"),
        ]

    def __str__(self) -> str:
        return f"Wallet of user {self.pk}"

    @property
    def available(self) -> Decimal:
        """What can be spent now, in the wallet's currency."""
        return self.balance - self.held + self.overdraft_limit
