"""`manage.py ledger_heads`: what to write down elsewhere, so that a chain that was computed anew is noticed."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ledger.management.arguments import moment
from ledger.verification import heads


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
        for user_id, sequence, head in heads(since=options["since"]):
            self.stdout.write(json.dumps({"user_id": user_id, "sequence": sequence, "hash": head}))
