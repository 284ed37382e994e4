"""What can be wrong with people.

AccountsError
├── InvalidUser     something written of a person that cannot be taken
├── UserNotFound    no such user
└── UserExists      the userId, e-mail or phone is taken
"""


class AccountsError(Exception):
    """Anything accounts refuse; its text is a sentence for the person who can act on it."""


class InvalidUser(AccountsError):
    """A value that cannot be taken; the text names the field and says why."""


class UserNotFound(AccountsError):
    """There is no user with this userId."""

    def __init__(self) -> None:
        super().__init__("User not found")


class UserExists(AccountsError):
    """A user with this userId, e-mail or phone is there already."""

    def __init__(self) -> None:
        super().__init__("User with same userId, email, or phone already exists")
