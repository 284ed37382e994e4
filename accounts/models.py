"""People: a User owns a wallet and never logs in; Staff work in the back office and log in to the admin.

Invariant: no two users share a userId, an e-mail or a phone, compared byte by byte on every engine.
"""

from django.contrib.auth.models import AbstractUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.validators import validate_email_shape, validate_text
from ledger.fields import ExactCharField

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
        constraints = [models.CheckConstraint(condition=Q(user_id__gte=1), name="users_user_id_positive")]

    def __str__(self) -> str:
        return f"User {self.user_id}"


class Staff(AbstractUser):
    """An operator of the back office."""

    class Meta:
        db_table = "staff"
        verbose_name = verbose_name_plural = "staff"
