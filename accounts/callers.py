"""Who calls the API, and what it may do: a client by one of its keys, or anyone where the API is open."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from accounts.exceptions import NotPermitted
from accounts.scopes import Scope

# How the actor of a transaction begins, by who it was. Nobody else's name may begin so.
CLIENT, COMMAND, STAFF = "client:", "command:", "staff:"


@dataclass(frozen=True, slots=True)
class Caller:
    """What one request may do.

    `name` is the client's, `key` the prefix of its key, and empty where nobody sent one. `accounts` are the ledger
    accounts that it may name, and none means any. `largest_amount` is in the currency of whichever wallet it moves
    money of.
    """

    name: str
    key: str
    actor: str
    scopes: Collection[str]
    accounts: Collection[str] = ()
    largest_amount: Decimal | None = None
    requests_per_minute: int | None = None
    expires_at: datetime | None = None

    is_authenticated = True  # what Django and DRF ask of whoever may stand for a user

    def require_account(self, code: str) -> None:
        """Raise NotPermitted when the key is bound to accounts, and not to this one."""
        if self.accounts and code not in self.accounts:
            raise NotPermitted(f"This API key may not use the account {code}")


ANYONE = Caller(name="", key="", actor="api", scopes=frozenset(Scope.values))
