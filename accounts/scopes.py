"""What an API key may be allowed to do. A key has those that it was given, and no other."""

from django.db import models


class Scope(models.TextChoices):
    """One thing that a caller of the API may do; each endpoint asks for one."""

    USERS_READ = "users:read", "users:read: see how users are called and reached"
    USERS_WRITE = "users:write", "users:write: create and change users"
    WALLETS_READ = "wallets:read", "wallets:read: balances, histories, statements and holds"
    WALLETS_WRITE = "wallets:write", "wallets:write: create wallets, move money and hold it"
    WALLETS_OPERATE = "wallets:operate", "wallets:operate: freeze, close, limit, reverse"
    LEDGER_READ = "ledger:read", "ledger:read: any transaction, by its id or reference"
