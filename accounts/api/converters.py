"""How a userId stands in a path: a whole number from 1 to 2^63-1, written the one way numbers are written."""

from accounts.models import MAX_USER_ID


class UserIdConverter:
    """`<user_id:…>` in a path; anything else, `01` and `+1` among it, is simply not found."""

    regex = "[1-9][0-9]{0,18}"

    def to_python(self, value: str) -> int:
        user_id = int(value)
        if user_id > MAX_USER_ID:
            raise ValueError("beyond the largest userId")  # Django takes it as: this path does not match
        return user_id

    def to_url(self, value: int) -> str:
        return str(value)
