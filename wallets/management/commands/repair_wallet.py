"""`manage.py repair_wallet`: bring a wallet's stored balance back to what its rows prove."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from wallets.corrections import repair
from wallets.management.correction import CorrectionCommand


class Command(CorrectionCommand):
    """Explain what is wrong with one wallet and, only with --apply, mend it."""

    help = (
        "Hold a wallet against its transactions and say what differs. With --apply, bring the stored balance, sequence "
        "and head back to what the transactions prove, and record that it was done; transactions themselves are never "
        "touched. Exit code 0 when all holds, then or already; 1 when not. "
        "Example: manage.py repair_wallet 17 --apply --reason 'Ticket 4711' --operator asha"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--apply", action="store_true", help="mend what can be mended")

    def handle(self, *args: Any, **options: Any) -> None:
        diagnosis = self.correct(
            lambda: repair(
                user_id=options["user_id"],
                apply=options["apply"],
                reason=options["reason"],
                actor=self.actor(options),
            ),
            dry_run=options["dry_run"],
        )
        for finding in diagnosis.findings:
            self.stdout.write(str(finding))
        if not diagnosis.findings:
            self.stdout.write("Nothing is wrong.")
            return
        if diagnosis.repaired:
            self.stdout.write("Would be repaired." if options["dry_run"] else "Repaired.")
        elif diagnosis.repairable:
            self.stdout.write("Its transactions are sound: --apply brings the wallet back to them.")
        else:
            self.stdout.write("Its transactions themselves do not hold; nothing was changed. Find out what happened.")
        if options["dry_run"] or not diagnosis.repaired:
            sys.exit(1)
