"""Reading people."""

from accounts.exceptions import UserNotFound
from accounts.models import User


def require_user(user_id: int) -> None:
    """Raise UserNotFound unless there is a user with this userId."""
    if not User.objects.filter(pk=user_id).exists():
        raise UserNotFound
