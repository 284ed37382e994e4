"""`manage.py database_grants`: the rights of the user as whom the service runs."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from ledger.grants import grants

_USER = re.compile(r"'[^'\\]{1,32}'@'[^'\\]{1,255}'")


class Command(BaseCommand):
    """Print the GRANTs for a runtime user that can add to the ledger and not rewrite it."""

    help = (
        "Print the GRANT statements for the MySQL user as whom the service runs: it can insert transactions, and not "
        "change, delete, truncate or drop them. Migrations run as another user. Changes nothing itself. "
        "Example: manage.py database_grants --user \"'wallet_app'@'%'\" | mysql -u root wallet"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="'wallet_app'@'%'", help="the user, as MySQL writes it: 'name'@'host'")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "mysql":
            raise CommandError("SQLite has no users and no grants; whoever can write the file can write the ledger.")
        if not _USER.fullmatch(options["user"]):
            raise CommandError("--user must be written as MySQL does: 'name'@'host'")
        for statement in grants(user=options["user"], database=connection.settings_dict["NAME"]):
            self.stdout.write(statement)
