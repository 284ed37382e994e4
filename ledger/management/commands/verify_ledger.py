"""`manage.py verify_ledger`: prove every balance from the rows."""

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from ledger.anchors import Anchors, read_anchors
from ledger.exceptions import InvalidAnchors
from ledger.models import Transaction, Verification
from ledger.processes import verify_in_processes
from ledger.verification import Report, Scope, verify, verify_whole, whole_ledger

MOST_SHOWN = 100


class Command(BaseCommand):
    """Hold every row of the ledger, and every wallet, against the others."""

    help = (
        "Prove every wallet's balance from its transactions: sequence without gaps, running balance, hash chain and "
        "head, clearing accounts at zero, both sides of what has two. Reads only, locks nobody out, and may run while "
        "the service works. Exit code 0 when all holds, 1 when something does not. "
        "Example: manage.py verify_ledger --jobs 2 --anchors heads.jsonl"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--wallet", type=int, metavar="USER_ID", help="only this user's wallet; the result is not stored"
        )
        parser.add_argument(
            "--jobs", type=int, default=1, metavar="N", help="processes that share the work (default 1)"
        )
        parser.add_argument(
            "--anchors",
            type=Path,
            metavar="FILE",
            help="also hold the ledger against heads written down by ledger_heads",
        )
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        started_at = timezone.now()
        anchors = _read(options["anchors"])
        user_id: int | None = options["wallet"]
        scopes = whole_ledger(options["jobs"]) if user_id is None else [Scope(user_id=user_id)]
        report = Report()
        for part in _verified(scopes, anchors, options["jobs"]):
            report.add_report(part)
        if user_id is None:
            report.add(verify_whole(anchors))
            Verification.objects.create(
                started_at=started_at,
                finished_at=timezone.now(),
                wallets=report.wallets,
                rows=report.rows,
                findings=report.found,
                report="\n".join(map(str, report.findings[:MOST_SHOWN])),
            )
        elif not report.wallets and not report.found:
            raise CommandError(f"There is no wallet of user {user_id}.")
        self._say(report, as_json=options["json"])
        if report.found:
            sys.exit(1)

    def _say(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(report)))
            return
        for finding in report.findings[:MOST_SHOWN]:
            self.stdout.write(str(finding))
        if (more := report.found - len(report.findings[:MOST_SHOWN])) > 0:
            self.stdout.write(f"… and {more} more")
        verdict = f"{report.found} findings" if report.found else "all holds"
        self.stdout.write(f"{report.wallets} wallets, {report.rows} transactions: {verdict}")


def _verified(scopes: list[Scope], anchors: Anchors, jobs: int) -> Iterator[Report]:
    with closing(tqdm(total=_rows_about(), unit=" rows", disable=None)) as bar:
        if jobs > 1:
            for report in verify_in_processes(scopes, anchors, jobs):
                bar.update(report.rows)
                yield report
            return
        for scope in scopes:
            yield verify(scope, anchors, progress=bar.update)


def _rows_about() -> int:
    newest = Transaction.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def _read(path: Path | None) -> Anchors:
    if path is None:
        return {}
    try:
        with path.open() as lines:
            return read_anchors(lines)
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror}.") from error
    except (InvalidAnchors, UnicodeDecodeError) as error:
        raise CommandError(f"{path}: {error}.") from error
