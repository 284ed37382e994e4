"""`manage.py freeze_wallet`."""

from typing import Any

from django.core.management.base import CommandParser

from wallets.corrections import set_frozen
from wallets.management.correction import CorrectionCommand


class Command(CorrectionCommand):
    """Freeze a wallet."""

    help = (
        "Freeze a wallet: no money moves, or with --debits-only none goes out, and what is asked for becomes a FAILED "
        "transaction. Safe to run twice. "
        "Example: manage.py freeze_wallet 17 --reason 'Ticket 4711' --operator asha"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--debits-only", action="store_true", help="money may still come in")

    def handle(self, *args: Any, **options: Any) -> None:
        changed = self.correct(
            lambda: set_frozen(
                user_id=options["user_id"],
                frozen=True,
                debits_only=options["debits_only"],
                reason=options["reason"],
                actor=self.actor(options),
            ),
            dry_run=options["dry_run"],
        )
        done = "Would freeze" if options["dry_run"] else "Froze"
        self.stdout.write(f"{done} wallet {options['user_id']}." if changed else "Nothing to do: it is so already.")
