"""`manage.py verify_ledger`: prove every balance from the rows."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from ledger.models import Transaction, Verification
from ledger.processes import verify_in_processes
from ledger.proof import Finding
from ledger.verification import Anchors, Report, verify_wallets, verify_whole, wallet_ranges, wallets_among

MOST_SHOWN = 100
MAX_USER_ID = 2**63 - 1


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
        anchors = _read_anchors(options["anchors"])
        if options["wallet"] is not None:
            ranges = [(options["wallet"], options["wallet"])]
        else:
            ranges = wallet_ranges(max(1, options["jobs"]) * 8 if options["jobs"] > 1 else 1)
        report = Report()
        for part in _verified(ranges, anchors, options["jobs"]):
            report.wallets += part.wallets
            report.rows += part.rows
            report.findings += part.findings
        if options["wallet"] is not None and not report.wallets:
            raise CommandError(f"There is no wallet of user {options['wallet']}.")
        if options["wallet"] is None:
            report.findings += _anchors_without_wallet(anchors)
            report.findings += verify_whole()
            Verification.objects.create(
                started_at=started_at,
                finished_at=timezone.now(),
                wallets=report.wallets,
                rows=report.rows,
                findings=len(report.findings),
                report="\n".join(map(str, report.findings[:MOST_SHOWN])),
            )
        self._say(report, as_json=options["json"])
        if report.findings:
            sys.exit(1)

    def _say(self, report: Report, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(asdict(report)))
            return
        for finding in report.findings[:MOST_SHOWN]:
            self.stdout.write(str(finding))
        if len(report.findings) > MOST_SHOWN:
            self.stdout.write(f"… and {len(report.findings) - MOST_SHOWN} more")
        verdict = f"{len(report.findings)} findings" if report.findings else "all holds"
        self.stdout.write(f"{report.wallets} wallets, {report.rows} transactions: {verdict}")


def _verified(ranges: list[tuple[int, int]], anchors: Anchors, jobs: int) -> Iterator[Report]:
    with closing(tqdm(total=_rows_about(), unit=" rows", disable=None)) as bar:
        if jobs <= 1:
            for low, high in ranges:
                yield verify_wallets(low=low, high=high, anchors=anchors, progress=bar.update)
            return
        for report in verify_in_processes(ranges, anchors, jobs):
            bar.update(report.rows)
            yield report


def _rows_about() -> int:
    newest = Transaction.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0


def _read_anchors(path: Path | None) -> Anchors:
    anchors: defaultdict[int, dict[int, str]] = defaultdict(dict)
    if path is None:
        return anchors
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror}.") from error
    for number, line in enumerate(lines, start=1):
        try:
            head = json.loads(line)
            anchors[int(head["user_id"])][int(head["sequence"])] = str(head["hash"])
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError(f"{path}, line {number}, is not a line that ledger_heads printed.") from error
    return dict(anchors)


def _anchors_without_wallet(anchors: Anchors) -> Iterator[Finding]:
    for user_id in sorted(set(anchors) - wallets_among(anchors)):
        yield Finding(user_id, None, "anchored wallet", "a wallet", "none")
