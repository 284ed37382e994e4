"""`manage.py expire_holds`: note that holds are over."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from wallets import holds


class Command(BaseCommand):
    """Tidy up holds that are over."""

    help = (
        "Note that holds are EXPIRED which are over. They count no more from the moment that they are over, whether or "
        "not this has run: run it now and then, from cron, so that lists and figures say so too. Safe to run twice. "
        "Example: manage.py expire_holds"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say how many there are, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write(f"{holds.over().count()} holds are over; they would be noted as EXPIRED.")
            return
        self.stdout.write(f"{sum(holds.expire_all())} holds are over.")
