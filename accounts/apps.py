"""Who there is: users who own wallets, and staff who work in the back office."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People."""

    name = "accounts"
