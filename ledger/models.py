"""What happened. One row for each line of one wallet's history; a row is written once and never changes.

Invariant: the SUCCESS rows of a wallet, in the order of `sequence`, explain its balance: each row's `balance_after` is
the one before it, plus a CREDIT's amount or minus a DEBIT's. `sequence` counts 1, 2, 3 … within the wallet, no gaps.
"""

from django.db import models
from django.db.models import Q

from ledger.fields import ExactCharField, MoneyField
from ledger.references import MAX_REFERENCE_LENGTH


class Type(models.TextChoices):
    """Which way the money went, seen from the wallet."""

    CREDIT = "CREDIT"
    DEBIT = "DEBIT"


class Status(models.TextChoices):
    """Whether the money moved."""

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


class Transaction(models.Model):
    """One line of one wallet's history: money that moved between the wallet and an account, or was refused to."""

    transaction_id = models.UUIDField(unique=True)
    # PROTECT, and the ledger names the wallet by a string: it knows no other app.
    wallet = models.ForeignKey(
        "wallets.Wallet",
        on_delete=models.PROTECT,
        db_column="user_id",
        db_index=False,  # the constraint on (wallet, sequence) is an index that begins with it
        related_name="transactions",
    )
    sequence = models.BigIntegerField()
    type = ExactCharField(max_length=6, choices=Type.choices)
    kind = ExactCharField(max_length=16)
    amount = MoneyField()
    status = ExactCharField(max_length=7, choices=Status.choices)
    failure_reason = ExactCharField(max_length=100, blank=True, default="")
    balance_after = MoneyField()
    # What could be spent after this row was decided: a refusal replayed years later still names the same figure.
    available_after = MoneyField()
    account = ExactCharField(max_length=32)
    reference_id = ExactCharField(max_length=MAX_REFERENCE_LENGTH)
    # 0, or 1 for the receiving side of an operation that writes two rows under one reference.
    leg = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "transactions"
        # Failures are few and looked for; without it, finding the newest reads the whole table.
        indexes = [models.Index(fields=["status"], name="transactions_status")]
        constraints = [
            # The net under the wallet's lock: two postings that read the same state cannot both be written.
            models.UniqueConstraint(fields=["wallet", "sequence"], name="transactions_wallet_sequence"),
            models.UniqueConstraint(fields=["reference_id", "leg"], name="transactions_reference_leg"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transactions_amount_positive"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="transactions_sequence_positive"),
            models.CheckConstraint(condition=Q(type__in=Type.values), name="transactions_type_known"),
            models.CheckConstraint(condition=Q(leg__in=[0, 1]), name="transactions_leg_known"),
            # The two statuses there are, and what each says about a reason.
            models.CheckConstraint(
                condition=Q(status=Status.SUCCESS, failure_reason="") | Q(status=Status.FAILED, failure_reason__gt=""),
                name="transactions_status_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.transaction_id}"
