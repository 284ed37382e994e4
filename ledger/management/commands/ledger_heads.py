"""`manage.py ledger_heads`: what to write down elsewhere, so that a chain that was computed anew is noticed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.anchors import head_lines
from ledger.management.arguments import moment


class Command(BaseCommand):
    """Print the head of each wallet's hash chain, one JSON object a line."""

    help = (
        "Print the head of each wallet's hash chain, one JSON object a line, to be kept where whoever can write the "
        "database cannot write. verify_ledger --anchors holds the ledger against it. "
        "Example: manage.py ledger_heads --since 2026-02-11T00:00:00Z >> heads.jsonl"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=moment, metavar="TIME", help="only wallets that changed since")

    def handle(self, *args: Any, **options: Any) -> None:
        for line in head_lines(since=options["since"]):
            self.stdout.write(line)
