"""People and programs: a User owns a wallet and never logs in; Staff work in the back office and log in to the admin;
an ApiClient calls the API with one of its keys.

Invariants: no two users share a userId, an e-mail or a phone, compared byte by byte on every engine. Of an ApiKey only
the hash is kept, and what it may do never changes: another key may do something else.
"""

from decimal import Decimal

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import MaxLengthValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.callers import STAFF
from accounts.validators import validate_client_name, validate_email_shape, validate_scopes, validate_text
from ledger.fields import ExactCharField, MoneyField, OptionalMoney
from ledger.references import MAX_ACTOR_LENGTH

MAX_USER_ID = 2**63 - 1


class User(models.Model):
    """A person who owns a wallet. Other teams' programs create it, with a number of their own."""

    user_id = models.BigIntegerField(primary_key=True, validators=[MinValueValidator(1)])
    user_name = ExactCharField(max_length=200, db_index=True, validators=[validate_text])
    user_email = ExactCharField(max_length=254, unique=True, validators=[validate_text, validate_email_shape])
    user_phone = ExactCharField(max_length=32, unique=True, validators=[validate_text])
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "users"
        permissions = [("view_contact", "Can see e-mails and phones of users")]
        constraints = [models.CheckConstraint(condition=Q(user_id__gte=1), name="users_user_id_positive")]

    def __str__(self) -> str:
        return f"User {self.user_id}"


class Staff(AbstractUser):
    """An operator of the back office."""

    # Byte by byte like every other name: `ASHA` is not another way in for asha, past the lock on her name.
    username = ExactCharField(
        max_length=150,
        unique=True,
        validators=[UnicodeUsernameValidator(), MaxLengthValidator(MAX_ACTOR_LENGTH - len(STAFF))],
        help_text="Letters, digits and @.+-_. For ever: records say it.",
    )

    class Meta:
        db_table = "staff"
        verbose_name = verbose_name_plural = "staff"


class ApiClient(models.Model):
    """A program that calls the API. What it does is recorded under its name, for ever; its keys come and go."""

    name = ExactCharField(max_length=60, unique=True, validators=[validate_client_name])
    purpose = ExactCharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "api_clients"
        verbose_name = "API client"

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """One key of a client: found by its prefix, known by the hash of its secret, which was shown once."""

    client = models.ForeignKey(ApiClient, on_delete=models.PROTECT, related_name="keys")
    prefix = ExactCharField(max_length=12, unique=True)
    secret_hash = ExactCharField(max_length=64)
    scopes = ExactCharField(max_length=200, validators=[validate_scopes])  # with a space between
    # The ledger accounts that it may name, with a space between; empty: any.
    accounts = ExactCharField(max_length=500, blank=True, default="")
    # The most that one of its operations may move or hold, in the wallet's currency.
    largest_amount: OptionalMoney = MoneyField(  # type: ignore[assignment, misc]
        null=True, blank=True, validators=[MinValueValidator(Decimal("0.0001"))]
    )
    # None: the service's own limit.
    requests_per_minute = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = ExactCharField(max_length=100)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = ExactCharField(max_length=100, blank=True, default="")
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the nearest ten minutes or so

    class Meta:
        db_table = "api_keys"
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(
                condition=Q(largest_amount__isnull=True) | Q(largest_amount__gt=0), name="api_keys_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(requests_per_minute__isnull=True) | Q(requests_per_minute__gte=1),
                name="api_keys_requests_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"mws_{self.prefix}_…"

    @property
    def state(self) -> str:
        """Whether it still lets anybody in."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= timezone.now() else "good"
