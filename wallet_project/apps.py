"""The project itself: composes the apps, and has the command that serves them."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin
from django.db.models.signals import post_migrate


class WalletProjectConfig(AppConfig):
    """Settings, URLs, the error table, health."""

    name = "wallet_project"
    default = True

    def ready(self) -> None:
        from wallet_project import checks, statement_time  # noqa: F401  (registers itself; needs the models)

        # Permissions are made after each migration, app by app; the last of ours that has any is wallets.
        post_migrate.connect(_create_roles, sender=apps.get_app_config("wallets"))
        statement_time.limit()


class BackOfficeConfig(admin.AdminConfig):
    """Django's admin, with our own site."""

    default = False
    default_site = "wallet_project.back_office.BackOffice"


def _create_roles(**_: Any) -> None:
    from wallet_project.roles import create_roles

    create_roles()
