"""`manage.py roll_up`: count what has moved into the totals of its day, which the dashboard shows."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.totals import rebuild, roll_up


class Command(BaseCommand):
    """Count the transactions that were not counted yet."""

    help = (
        "Count the transactions since the last roll-up into the totals of their day. The dashboard does so itself for "
        "what a page can wait for; after an import of millions of rows, or every few minutes under heavy traffic, this "
        "does. Safe at any time and any number of times at once. Example: manage.py roll_up"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="forget all totals, and count every row again")

    def handle(self, *args: Any, **options: Any) -> None:
        counted = rebuild() if options["rebuild"] else roll_up()
        self.stdout.write(f"{counted} transactions counted.")
