"""Reading people."""

from django.db.models import Q, QuerySet

from accounts.exceptions import UserNotFound
from accounts.models import User
from ledger.typed import whole_number


def require_user(user_id: int) -> User:
    """The user with this userId. Raises UserNotFound."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    return user


def users_named(term: str) -> QuerySet[User]:
    """The users whose number, e-mail or phone `term` is: the whole of it, byte by byte."""
    named = Q(user_email=term) | Q(user_phone=term)
    number = whole_number(term)
    return User.objects.filter(named if number is None else named | Q(pk=number)).order_by("pk")
