"""What happened, and the accounts that it happened with. A transaction is written once and never changes.

Invariant: the SUCCESS rows of a wallet, in the order of `sequence`, explain its balance: each row's `balance_after` is
the one before it, plus a CREDIT's amount or minus a DEBIT's. `sequence` counts 1, 2, 3 … within the wallet, no gaps.
Double entry in one row: a SUCCESS row moves its amount between one wallet and one account, so both sides are there.
"""

import re
from decimal import Decimal
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from ledger.append_only import AppendOnlyQuerySet
from ledger.exceptions import LedgerIsAppendOnly
from ledger.fields import ExactCharField, MoneyField
from ledger.references import MAX_ACTOR_LENGTH, MAX_DESCRIPTION_LENGTH, MAX_REFERENCE_LENGTH

WALLETS = "wallets"  # in a trial balance, the line of all wallets together, which is no account


def validate_account_code(code: str) -> None:
    """Raise ValidationError unless `code` may be the code of an account."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", code):
        raise ValidationError("Lower-case letters, digits and _, such as bank_inr")
    if code == WALLETS:
        raise ValidationError("This is what a trial balance calls the wallets")


class Type(models.TextChoices):
    """Which way the money went, seen from the wallet."""

    CREDIT = "CREDIT"
    DEBIT = "DEBIT"


class Status(models.TextChoices):
    """Whether the money moved; HELD: it did not, and was set aside or let go."""

    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    HELD = "HELD"


# The kinds of HELD rows: what was set aside, and let go again because somebody released it, or because it was over.
HOLD, RELEASE, EXPIRY = "HOLD", "RELEASE", "EXPIRY"


class Account(models.Model):
    """The other side of a wallet's transactions: where its money comes from, or goes to. Never a person.

    Its balance is the sum of its rows and is kept nowhere: one row to hold it would be locked by every request.
    """

    code = ExactCharField(max_length=32, primary_key=True, validators=[validate_account_code])
    name = ExactCharField(max_length=100)
    purpose = ExactCharField(max_length=500, blank=True, default="")
    # A clearing account: money only passes through, so that it is zero whenever nobody is in the middle of a commit.
    must_be_zero = models.BooleanField(default=False)

    class Meta:
        db_table = "accounts"

    def __str__(self) -> str:
        return self.code


class AuditRecord(models.Model):
    """What a person did to a wallet, other than moving money: who, when, what, why, before and after. Append-only."""

    created_at = models.DateTimeField()
    actor = ExactCharField(max_length=100)
    action = ExactCharField(max_length=32)
    user_id = models.BigIntegerField()
    reason = ExactCharField(max_length=500)
    before = models.JSONField()
    after = models.JSONField()

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        db_table = "audit_records"
        base_manager_name = "objects"
        indexes = [models.Index(fields=["user_id", "created_at"], name="audit_records_user")]

    def __str__(self) -> str:
        return f"{self.action} of wallet {self.user_id} by {self.actor}"


class Verification(models.Model):
    """One run of `manage.py verify_ledger`: what it read, and whether all of it held."""

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField()
    wallets = models.BigIntegerField()
    rows = models.BigIntegerField()
    findings = models.BigIntegerField()
    # The first findings, as the command printed them.
    report = models.TextField(blank=True, default="")

    class Meta:
        db_table = "verifications"

    def __str__(self) -> str:
        return f"Verification of {self.finished_at:%Y-%m-%d %H:%M}: {self.findings} findings"


class Day(models.Model):
    """What moved on one day, in UTC, as far as it was rolled up: see `ledger.totals`."""

    day = models.DateField(primary_key=True)
    # [currency, type, account, status, reason, how many, their sum as text], for each that there was.
    lines = models.JSONField(default=list)
    # [primary key, amount as text, currency] of the largest that moved money.
    largest = models.JSONField(default=list)

    class Meta:
        db_table = "days"

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"


class RollUp(models.Model):
    """How far the transactions are counted into their days: the one row that a roll-up locks."""

    until = models.BigIntegerField(default=0)  # the primary key of the last transaction that is counted
    at = models.DateTimeField(null=True)
    # What the wallets held together after it, as text by currency.
    balances = models.JSONField(default=dict)

    class Meta:
        db_table = "roll_ups"

    def __str__(self) -> str:
        return f"Rolled up to {self.until}"


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
    # What the wallet's holds set aside after this row.
    held_after = MoneyField(default=Decimal(0))
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_column="account", related_name="+")
    reference_id = ExactCharField(max_length=MAX_REFERENCE_LENGTH)
    # 0, or 1 for the receiving side of an operation that writes two rows under one reference.
    leg = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    # Why the money moved, in words, and who moved it, where somebody said so.
    description = ExactCharField(max_length=MAX_DESCRIPTION_LENGTH, blank=True, default="")
    actor = ExactCharField(max_length=MAX_ACTOR_LENGTH, blank=True, default="")
    # The user on the other side of a transfer, or of its reversal.
    counterparty = models.BigIntegerField(null=True)
    # The transaction_id of what a reversal reverses; the hold that was placed, captured from or let go.
    concerns = models.UUIDField(null=True)
    # What was asked for and no other column says: `all` that was left, `final`. A replay must ask for the same.
    terms = ExactCharField(max_length=32, blank=True, default="")
    # What a caller wants to remember of it: a few short texts by name.
    metadata = models.JSONField(null=True)
    # Which request asked for it, and from which address; empty for what no request did.
    request_id = ExactCharField(max_length=128, blank=True, default="")
    address = ExactCharField(max_length=45, blank=True, default="")
    # sha256 over the row before it in the wallet and this row's fields: see ledger.hashing.
    hash = ExactCharField(max_length=64)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        db_table = "transactions"
        base_manager_name = "objects"
        indexes = [
            # Failures are few and looked for; without it, finding the newest reads the whole table.
            models.Index(fields=["status"], name="transactions_status"),
            # What a wallet held at a moment.
            models.Index(fields=["wallet", "created_at", "sequence"], name="transactions_wallet_time"),
            models.Index(fields=["concerns"], name="transactions_concerns"),
        ]
        constraints = [
            # The net under the wallet's lock: two postings that read the same state cannot both be written.
            models.UniqueConstraint(fields=["wallet", "sequence"], name="transactions_wallet_sequence"),
            models.UniqueConstraint(fields=["reference_id", "leg"], name="transactions_reference_leg"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="transactions_amount_positive"),
            models.CheckConstraint(condition=Q(sequence__gte=1), name="transactions_sequence_positive"),
            models.CheckConstraint(condition=Q(type__in=Type.values), name="transactions_type_known"),
            models.CheckConstraint(condition=Q(leg__in=[0, 1]), name="transactions_leg_known"),
            # The statuses there are, and what each says about a reason.
            models.CheckConstraint(
                condition=Q(status=Status.SUCCESS, failure_reason="")
                | Q(status=Status.FAILED, failure_reason__gt="")
                | Q(status=Status.HELD, kind__in=[HOLD, RELEASE, EXPIRY], failure_reason=""),
                name="transactions_status_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.transaction_id}"

    def save(self, **kwargs: Any) -> None:
        """Write a new row. Raises LedgerIsAppendOnly for one that is there already."""
        if not self._state.adding:
            raise LedgerIsAppendOnly
        super().save(**(kwargs | {"force_insert": True}))

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        """Raise LedgerIsAppendOnly."""
        raise LedgerIsAppendOnly
