"""What can be wrong with people, and with programs that call the API.

AccountsError
├── InvalidUser           something written of a person that cannot be taken
├── UserNotFound          no such user
├── UserExists            the userId, e-mail or phone is taken
├── InvalidApiKeyRequest  a key that cannot be made as asked
├── ApiKeyNotFound        no key has this prefix
├── InvalidApiKey         a key that is none, was revoked, or has expired
├── NotPermitted          a key that is good, but not for this
│   └── MissingScope
└── TooManyRequests       more than this client may, for now
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


class InvalidApiKeyRequest(AccountsError):
    """A key that cannot be made as asked; the text says why."""


class ApiKeyNotFound(AccountsError):
    """No key has this prefix."""

    def __init__(self) -> None:
        super().__init__("No API key has this prefix")


class InvalidApiKey(AccountsError):
    """What was sent as a key is none, or not any more; the text says which, to whoever has the whole key."""


class NotPermitted(AccountsError):
    """The key is good, and does not permit this; the text says what it would take."""


class MissingScope(NotPermitted):
    """The key does not have the scope that the endpoint asks for."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(f"This API key lacks the scope {scope}")


class TooManyRequests(AccountsError):
    """The client has done so much of this that it has to wait for `seconds`."""

    def __init__(self, what: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"Too many {what}, try again in {seconds} seconds")
