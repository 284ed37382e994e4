"""`manage.py unfreeze_wallet`."""

from typing import Any

from wallets.corrections import set_frozen
from wallets.management.correction import CorrectionCommand


class Command(CorrectionCommand):
    """Unfreeze a wallet."""

    help = (
        "Let money of a frozen wallet move again. Safe to run twice. "
        "Example: manage.py unfreeze_wallet 17 --reason 'Ticket 4711' --operator asha"
    )

    def handle(self, *args: Any, **options: Any) -> None:
        changed = self.correct(
            lambda: set_frozen(
                user_id=options["user_id"], frozen=False, reason=options["reason"], actor=self.actor(options)
            ),
            dry_run=options["dry_run"],
        )
        done = "Would unfreeze" if options["dry_run"] else "Unfroze"
        self.stdout.write(f"{done} wallet {options['user_id']}." if changed else "Nothing to do: it is so already.")
