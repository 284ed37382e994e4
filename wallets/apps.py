"""Wallets: the use cases. Money moves through `wallets.posting`, and nowhere else."""

from django.apps import AppConfig


class WalletsConfig(AppConfig):
    """Balances, and the one door that changes them."""

    name = "wallets"
