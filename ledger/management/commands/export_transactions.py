"""`manage.py export_transactions`: the ledger as CSV or JSON lines."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ledger.management.arguments import moment
from ledger.models import Transaction
from ledger.proof import COLUMNS

_WRITTEN_AS = {"wallet_id": "user_id", "account_id": "account"}
HEADER = [_WRITTEN_AS.get(name, name) for name in COLUMNS]
ROWS_AT_A_TIME = 5000


class Command(BaseCommand):
    """Write transactions out, in the order in which they were written down."""

    help = (
        "Write transactions as CSV (with a header) or JSON lines, in the order of their primary key, a few thousand at "
        "a time: memory stays the same however many there are. "
        "Example: manage.py export_transactions --from 2026-02-01 --to 2026-03-01 --output february.csv"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--wallet", type=int, metavar="USER_ID", help="only this user's wallet")
        parser.add_argument("--from", dest="start", type=moment, metavar="TIME", help="at or after this time")
        parser.add_argument("--to", dest="end", type=moment, metavar="TIME", help="before this time")
        parser.add_argument("--format", choices=["csv", "jsonl"], default="csv")
        parser.add_argument("--dry-run", action="store_true", help="say how many there are, and write nothing")
        parser.add_argument("--output", type=Path, metavar="FILE", help="a new file (default: standard output)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self.stdout.write(f"{_query(options).count()} transactions would be written")
            return
        if options["output"] is None:
            self._write(self.stdout, options)
            return
        try:
            with options["output"].open("x", encoding="utf-8", newline="") as file:
                rows = self._write(file, options)
        except OSError as error:
            raise CommandError(f"Cannot write {options['output']}: {error.strerror}.") from error
        self.stdout.write(f"{rows} transactions written to {options['output']}")

    def _write(self, file: Any, options: dict[str, Any]) -> int:
        writer = csv.writer(file)
        count = 0
        if options["format"] == "csv":
            writer.writerow(HEADER)
        for row in _rows(options):
            count += 1
            if options["format"] == "csv":
                writer.writerow(row)
            else:
                file.write(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) + "\n")
        return count


def _query(options: dict[str, Any]) -> Any:
    query = Transaction.objects.order_by("pk").values_list("pk", *COLUMNS)
    if options["wallet"] is not None:
        query = query.filter(wallet_id=options["wallet"])
    if options["start"]:
        query = query.filter(created_at__gte=options["start"])
    if options["end"]:
        query = query.filter(created_at__lt=options["end"])
    return query


def _rows(options: dict[str, Any]) -> Iterator[list[Any]]:
    query = _query(options)
    newest = 0
    while page := list(query.filter(pk__gt=newest)[:ROWS_AT_A_TIME]):
        for _, *values in page:
            yield [_written(value) for value in values]
        newest = page[-1][0]


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:.4f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, dict):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    return value if isinstance(value, int) else "" if value is None else str(value)
