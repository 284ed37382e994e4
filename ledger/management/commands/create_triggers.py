"""`manage.py create_triggers`: make the ledger append-only again."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import connection

from ledger.append_only import create_triggers, missing_triggers


class Command(BaseCommand):
    """Create the triggers that refuse to change a transaction, where they are missing."""

    help = (
        "Create the ledger's append-only triggers where they are missing. Safe to run twice. "
        "Example: manage.py create_triggers"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        missing = missing_triggers(connection)
        if missing:
            create_triggers(connection)
        self.stdout.write(f"Created {', '.join(sorted(missing))}." if missing else "Nothing is missing.")
