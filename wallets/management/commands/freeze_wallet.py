"""`manage.py freeze_wallet`."""

from typing import Any

from wallets.corrections import set_frozen
from wallets.management.correction import CorrectionCommand


class Command(CorrectionCommand):
    """Freeze a wallet."""

    help = (
        "Freeze a wallet: no money moves, and what is asked for becomes a FAILED transaction. Safe to run twice. "
        "Example: manage.py freeze_wallet 17 --reason 'Ticket 4711' --operator asha"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        changed = self.correct(
            lambda: set_frozen(
                user_id=options["user_id"], frozen=True, reason=options["reason"], actor=options["operator"]
            ),
            dry_run=options["dry_run"],
        )
        done = "Would freeze" if options["dry_run"] else "Froze"
        self.stdout.write(f"{done} wallet {options['user_id']}." if changed else "Nothing to do: it is so already.")
