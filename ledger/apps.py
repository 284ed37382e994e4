"""The ledger: what happened to every wallet, append-only."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """What happened; knows the wallet only by name."""

    name = "ledger"
