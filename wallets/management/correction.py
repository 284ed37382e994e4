"""What the commands by which an operator corrects a wallet have in common."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.transaction import atomic, set_rollback

from accounts.callers import COMMAND
from ledger.exceptions import LedgerError
from wallets.exceptions import WalletsError

Result = TypeVar("Result")


class CorrectionCommand(BaseCommand):
    """A command about one wallet, that needs a reason and a name, and can be tried out first."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user_id", type=int, metavar="USER_ID")
        parser.add_argument("--reason", default="", help="why; kept for ever")
        parser.add_argument("--operator", default="", help="who; kept for ever")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and change nothing")

    @staticmethod
    def actor(options: dict[str, Any]) -> str:
        """Who corrects, as records of it say."""
        return f"{COMMAND}{options['operator']}" if options["operator"].strip() else ""

    def correct(self, correction: Callable[[], Result], *, dry_run: bool) -> Result:
        """Make the correction; what is wrong with it ends the command with a sentence. A dry run is undone."""
        try:
            if not dry_run:
                return correction()
            with atomic():
                result = correction()
                set_rollback(True)
                return result
        except (LedgerError, WalletsError) as error:
            raise CommandError(f"{error}.") from error
