"""`manage.py adjust_wallet`: correct a balance by a new transaction."""

import hashlib
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ledger.money import for_people
from wallets.approvals import propose_adjustment
from wallets.corrections import adjust
from wallets.management.correction import CorrectionCommand
from wallets.models import Wallet


class Command(CorrectionCommand):
    """Add to a wallet, or take from it, against the account `adjustments`."""

    help = (
        "Correct a wallet's balance by a transaction against the account `adjustments`; no balance is overwritten. "
        "Safe to run twice: the same wallet, amount and reason take effect once. "
        "Example: manage.py adjust_wallet 17 -12.50 --reason 'Fee charged twice, ticket 4711' --operator asha"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("amount", metavar="AMOUNT", help="in the wallet's currency; negative takes away")
        parser.add_argument(
            "--reference", help="the referenceId (default: one made from the wallet, amount and reason)"
        )

        parser.add_argument(
            "--propose", action="store_true", help="only ask for it: another approves it in the back office"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            amount = Decimal(options["amount"])
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite():
            raise CommandError(f"{options['amount']!r} is not an amount such as 12.50 or -12.50.")
        if options["propose"]:
            self._propose(amount, options)
            return
        reference = options["reference"] or _reference(options["user_id"], amount, options["reason"])
        posted = self.correct(
            lambda: adjust(
                user_id=options["user_id"],
                amount=amount,
                reason=options["reason"],
                actor=self.actor(options),
                reference_id=reference,
            ),
            dry_run=options["dry_run"],
        )
        row = posted.transaction
        done = "Would adjust" if options["dry_run"] else "Was adjusted before" if posted.replayed else "Adjusted"
        currency = Wallet.objects.values_list("currency", flat=True).get(pk=row.wallet_id)
        self.stdout.write(
            f"{done}: {row.type} {for_people(row.amount, currency)}, balance then "
            f"{for_people(row.balance_after, currency)}, reference {row.reference_id}"
        )

    def _propose(self, amount: Decimal, options: dict[str, Any]) -> None:
        proposal = self.correct(
            lambda: propose_adjustment(
                user_id=options["user_id"], amount=amount, reason=options["reason"], actor=self.actor(options)
            ),
            dry_run=options["dry_run"],
        )
        done = "Would be proposed" if options["dry_run"] else f"Proposed, as number {proposal.pk}"
        self.stdout.write(f"{done}. Another person approves or declines it in the back office, under Proposals.")


def _reference(user_id: int, amount: Decimal, reason: str) -> str:
    """The same words for the same correction, so that a command that is given twice takes effect once."""
    what = f"{user_id} {amount.normalize():f} {reason}"
    return f"adjust-{user_id}-{hashlib.sha256(what.encode()).hexdigest()[:16]}"
