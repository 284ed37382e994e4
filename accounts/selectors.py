"""Reading people."""

from accounts.exceptions import UserNotFound
from accounts.models import User


def require_user(user_id: int) -> User:
    """The user with this userId. Raises UserNotFound."""
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise UserNotFound
    return user
