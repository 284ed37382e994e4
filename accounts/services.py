"""Creating people."""

import secrets

from django.db import IntegrityError
from django.db.transaction import atomic

from accounts.exceptions import UserExists
from accounts.models import Staff, User


def create_user(*, user_id: int, user_name: str, user_email: str, user_phone: str) -> User:
    """A new user, under the caller's own number. Raises UserExists when the number, e-mail or phone is taken."""
    user = User(user_id=user_id, user_name=user_name, user_email=user_email, user_phone=user_phone)
    try:
        with atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise UserExists from error
    return user


def create_first_operator(*, username: str) -> str | None:
    """Create the first member of staff, with all permissions, and answer the password made for it.

    Answers None, and changes nothing, when there is any staff already: the password is shown once and kept nowhere.
    """
    if Staff.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    Staff.objects.create_superuser(username=username, password=password)
    return password
