"""The project itself: composes the apps, and has the command that serves them."""

from django.apps import AppConfig


class WalletProjectConfig(AppConfig):
    """Settings, URLs, the error table, health."""

    name = "wallet_project"

    def ready(self) -> None:
        from wallet_project import checks  # noqa: F401  (registers itself; needs the models)
