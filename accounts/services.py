"""Creating people, and changing how they are reached."""

import secrets
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.transaction import atomic

from accounts.exceptions import InvalidUser, UserExists
from accounts.models import Staff, User
from accounts.selectors import require_user
from ledger.database_errors import is_duplicate
from ledger.retrying import insert, retried


def create_user(*, user_id: int, user_name: str, user_email: str, user_phone: str) -> User:
    """A new user, under the caller's own number.

    Raises InvalidUser for a value that cannot be taken, UserExists when the number, e-mail or phone is taken.
    """
    user = User(user_id=user_id, user_name=user_name, user_email=user_email, user_phone=user_phone)
    try:
        user.clean_fields()
        insert(user)
    except ValidationError as error:
        raise _invalid(error) from error
    except IntegrityError as error:
        if is_duplicate(error):
            raise UserExists from error
        raise
    return user


def update_user(*, user_id: int, **changes: str) -> User:
    """Change how a user is called or reached: `user_name`, `user_email`, `user_phone`, as many of them as are given.

    Raises UserNotFound, InvalidUser for a value that cannot be taken, UserExists when the e-mail or phone is taken.
    """
    user = require_user(user_id)
    for name, value in changes.items():
        setattr(user, name, value)
    try:
        user.clean_fields()
        retried(lambda: _save(user, changes))
    except ValidationError as error:
        raise _invalid(error) from error
    except IntegrityError as error:
        if is_duplicate(error):
            raise UserExists from error
        raise
    return user


def _save(user: User, changes: Mapping[str, str]) -> None:
    with atomic():
        user.save(update_fields=list(changes))


def _invalid(error: ValidationError) -> InvalidUser:
    field, messages = next(iter(error.message_dict.items()))
    return InvalidUser(f"{field}: {messages[0]}")


def create_first_operator(*, username: str) -> str | None:
    """Create the first member of staff, with all permissions, and answer the password made for it.

    Answers None, and changes nothing, when there is any staff already: the password is shown once and kept nowhere.
    """
    if Staff.objects.exists():
        return None
    password = secrets.token_urlsafe(12)
    Staff.objects.create_superuser(username=username, password=password)
    return password
