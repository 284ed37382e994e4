"""What each user holds now, and what of it is set aside. The past, which explains it, is in the ledger.

Invariant: `balance` is the `balance_after` of the newest transaction, `sequence` is its number and `head_hash` its
hash. `wallets.posting` alone writes them, under the wallet's lock, in the commit that writes the transaction.
"""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Q

from ledger.fields import ExactCharField, MoneyField, OptionalMoney
from ledger.hashing import GENESIS
from ledger.money import MAX_MONEY
from ledger.references import MAX_ACTOR_LENGTH, MAX_DESCRIPTION_LENGTH, MAX_REFERENCE_LENGTH


def default_currency() -> str:
    """The currency of a wallet that was created without naming one."""
    return str(settings.WALLET_CURRENCY)


class WalletStatus(models.TextChoices):
    """What may be done with a wallet."""

    ACTIVE = "ACTIVE"
    DEBIT_FROZEN = "DEBIT_FROZEN"  # money may come in, none may go out
    FROZEN = "FROZEN"
    CLOSED = "CLOSED"


class Wallet(models.Model):
    """One user's wallet. Its primary key is the user: a second one cannot exist, and its lock is a primary-key lock."""

    user = models.OneToOneField("accounts.User", on_delete=models.PROTECT, primary_key=True, db_column="user_id")
    currency = ExactCharField(max_length=3, default=default_currency)
    status = ExactCharField(max_length=12, choices=WalletStatus.choices, default=WalletStatus.ACTIVE)
    balance = MoneyField(default=Decimal(0))
    held = MoneyField(default=Decimal(0))
    overdraft_limit = MoneyField(default=Decimal(0))
    # Limits of this wallet alone; None where the service's own holds (`wallets.limits`).
    amount_limit: OptionalMoney = MoneyField(null=True, blank=True)  # type: ignore[assignment, misc]
    daily_limit: OptionalMoney = MoneyField(null=True, blank=True)  # type: ignore[assignment, misc]
    monthly_limit: OptionalMoney = MoneyField(null=True, blank=True)  # type: ignore[assignment, misc]
    balance_limit: OptionalMoney = MoneyField(null=True, blank=True)  # type: ignore[assignment, misc]
    sequence = models.BigIntegerField(default=0)
    # The hash of the newest transaction: the head of the wallet's chain.
    head_hash = ExactCharField(max_length=64, default=GENESIS)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "wallets"
        permissions = [
            ("note_wallet", "Can write notes on wallets"),
            ("freeze_wallet", "Can freeze and unfreeze wallets"),
            ("close_wallet", "Can close wallets"),
            ("limit_wallet", "Can change limits of wallets"),
            ("propose_correction", "Can propose adjustments and reversals"),
            ("approve_correction", "Can approve what another has proposed"),
        ]
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
            models.CheckConstraint(
                condition=Q(balance_limit__isnull=True) | Q(balance__lte=F("balance_limit")),
                name="wallets_within_balance_limit",
            ),
            models.CheckConstraint(
                condition=(Q(amount_limit__isnull=True) | Q(amount_limit__gte=0))
                & (Q(daily_limit__isnull=True) | Q(daily_limit__gte=0))
                & (Q(monthly_limit__isnull=True) | Q(monthly_limit__gte=0)),
                name="wallets_limits_not_negative",
            ),
            models.CheckConstraint(condition=Q(sequence__gte=0), name="wallets_sequence_not_negative"),
            models.CheckConstraint(condition=Q(status__in=WalletStatus.values), name="wallets_status_known"),
        ]

    def __str__(self) -> str:
        return f"Wallet of user {self.pk}"

    @property
    def available(self) -> Decimal:
        """What can be spent now, in the wallet's currency. More than MAX_MONEY no amount can be."""
        return min(self.balance - self.held + self.overdraft_limit, MAX_MONEY)


class HoldStatus(models.TextChoices):
    """What became of a hold."""

    OPEN = "OPEN"
    CAPTURED = "CAPTURED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


class Hold(models.Model):
    """Money of a wallet that is set aside, to be captured in one or several parts, or let go.

    The wallet's `held` is what its OPEN holds have left. A hold changes under its wallet's lock only. That it was
    placed, and each capture, is a transaction that `concerns` it.
    """

    hold_id = models.UUIDField(primary_key=True)
    wallet = models.ForeignKey(
        Wallet, on_delete=models.PROTECT, db_column="user_id", db_index=False, related_name="holds"
    )
    amount = MoneyField()
    captured = MoneyField(default=Decimal(0))
    status = ExactCharField(max_length=8, choices=HoldStatus.choices, default=HoldStatus.OPEN)
    # From this moment on it no longer counts, whether or not somebody has noted that it is EXPIRED.
    expires_at = models.DateTimeField(null=True, blank=True)
    # Where captures go unless they say otherwise.
    account = models.ForeignKey("ledger.Account", on_delete=models.PROTECT, db_column="account", related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "holds"
        permissions = [("release_hold", "Can release holds")]
        indexes = [
            models.Index(fields=["wallet", "status", "expires_at"], name="holds_wallet"),
            models.Index(fields=["status", "expires_at"], name="holds_expiry"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="holds_amount_positive"),
            models.CheckConstraint(
                condition=Q(captured__gte=0, captured__lte=F("amount")), name="holds_captured_within_amount"
            ),
            models.CheckConstraint(condition=Q(status__in=HoldStatus.values), name="holds_status_known"),
        ]

    def __str__(self) -> str:
        return f"Hold {self.hold_id}"

    @property
    def left(self) -> Decimal:
        """What it still sets aside while it is open, in the wallet's currency."""
        return self.amount - self.captured if self.status == HoldStatus.OPEN else Decimal(0)

    def is_over(self, now: datetime) -> bool:
        """Whether it is OPEN, and should not be."""
        return self.status == HoldStatus.OPEN and self.expires_at is not None and self.expires_at <= now


class ProposalStatus(models.TextChoices):
    """What became of a proposal."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"


class Proposal(models.Model):
    """An adjustment or a reversal that one person asks for and another has to approve.

    Invariant: who decided it is not who proposed it. It is decided once, under its lock, in the commit that posts it.
    """

    wallet = models.ForeignKey(Wallet, on_delete=models.PROTECT, db_column="user_id", related_name="proposals")
    # What would be posted: an adjustment into or out of the wallet, or the reversal of the transaction `concerns`.
    type = ExactCharField(max_length=6, blank=True, default="")
    concerns = models.UUIDField(null=True, blank=True)
    amount: OptionalMoney = MoneyField(null=True, blank=True)  # type: ignore[assignment, misc]  # null: all that is left
    reference_id = ExactCharField(max_length=MAX_REFERENCE_LENGTH, unique=True)
    reason = ExactCharField(max_length=MAX_DESCRIPTION_LENGTH)
    proposed_by = ExactCharField(max_length=MAX_ACTOR_LENGTH)
    proposed_at = models.DateTimeField()
    status = ExactCharField(max_length=8, choices=ProposalStatus.choices, default=ProposalStatus.PENDING)
    decided_by = ExactCharField(max_length=MAX_ACTOR_LENGTH, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = ExactCharField(max_length=MAX_DESCRIPTION_LENGTH, blank=True, default="")
    # What approving it wrote: it may have FAILED, for want of funds for instance.
    transaction_id = models.UUIDField(null=True, blank=True)

    class Meta:
        db_table = "proposals"
        indexes = [models.Index(fields=["status"], name="proposals_status")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=ProposalStatus.PENDING, decided_by="")
                | (
                    Q(status__in=[ProposalStatus.APPROVED, ProposalStatus.DECLINED], decided_by__gt="")
                    & ~Q(decided_by=F("proposed_by"))
                ),
                name="proposals_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(type__in=["CREDIT", "DEBIT"], amount__gt=0, concerns__isnull=True)
                | (Q(type="", concerns__isnull=False) & (Q(amount__isnull=True) | Q(amount__gt=0))),
                name="proposals_adjust_or_reverse",
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal {self.pk}"
