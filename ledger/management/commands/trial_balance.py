"""`manage.py trial_balance`: every account and the wallets' total; debits equal credits."""

import csv
import json
import sys
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.management.arguments import moment
from ledger.trial_balance import TrialBalance, trial_balances


class Command(BaseCommand):
    """Print the trial balance of each currency."""

    help = (
        "Print every account's balance and the wallets' total, for each currency: all together they are zero, the "
        "wallets' total is what the wallets' own rows say, and clearing accounts are zero. Exit code 0 when that "
        "holds, 1 when not. Example: manage.py trial_balance --at 2026-02-11T00:00:00Z --format csv"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", type=moment, metavar="TIME", help="as it was just before this time")
        parser.add_argument("--currency", metavar="CODE", help="only this currency")
        parser.add_argument("--format", choices=["table", "csv", "json"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        balances = [
            balance for balance in trial_balances(at=options["at"]) if options["currency"] in {None, balance.currency}
        ]
        getattr(self, f"_{options['format']}")(balances)
        if not all(balance.holds for balance in balances):
            sys.exit(1)

    def _table(self, balances: list[TrialBalance]) -> None:
        for balance in balances:
            self.stdout.write(f"{balance.currency:<34}{'debit':>22}{'credit':>22}")
            for name, amount in balance.lines:
                debit, credit = _sides(amount)
                self.stdout.write(f"  {name:<32}{debit:>22}{credit:>22}")
            self.stdout.write(f"  {'total':<32}{balance.debits:>22,.4f}{balance.credits:>22,.4f}")
            for complaint in balance.complaints:
                self.stdout.write(f"  {complaint}")
        if not balances:
            self.stdout.write("No money has moved.")

    def _csv(self, balances: list[TrialBalance]) -> None:
        writer = csv.writer(self.stdout)
        writer.writerow(["currency", "account", "debit", "credit"])
        for balance in balances:
            for name, amount in balance.lines:
                writer.writerow([balance.currency, name, *(side.replace(",", "") for side in _sides(amount))])

    def _json(self, balances: list[TrialBalance]) -> None:
        self.stdout.write(
            json.dumps(
                [
                    {
                        "currency": balance.currency,
                        "accounts": {name: f"{amount:.4f}" for name, amount in balance.lines},
                        "holds": balance.holds,
                        "complaints": balance.complaints,
                    }
                    for balance in balances
                ]
            )
        )


def _sides(amount: Decimal) -> tuple[str, str]:
    """An account that gave has a debit balance; the wallets, which are owed, have a credit balance."""
    return (f"{-amount:,.4f}", "") if amount < 0 else ("", f"{amount:,.4f}")
