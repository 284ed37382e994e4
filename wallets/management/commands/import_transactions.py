"""`manage.py import_transactions`: credits and debits from a CSV file."""

import csv
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from accounts.callers import COMMAND
from wallets.exceptions import OutcomeUnknown
from wallets.importing import OPTIONAL, REQUIRED, InvalidFile, import_lines


class Command(BaseCommand):
    """Post the lines of a CSV file."""

    help = (
        f"Post credits and debits from a CSV file with the columns {','.join(REQUIRED)} and, if wanted, "
        f"{','.join(OPTIONAL)}. Each line takes effect once, by its reference_id: run it again after a crash, or "
        "after mending what was refused. Refused lines go to FILE.refused.csv, with the reason. Exit code 0 when no "
        "line was refused, 1 when some were. Try it first: manage.py import_transactions salaries.csv --dry-run"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--operator", default="import_transactions", help="who; kept for ever")
        parser.add_argument("--refused", type=Path, help="where refused lines go (default: FILE.refused.csv)")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen by the balances of now, and change nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        refused_path: Path = options["refused"] or path.with_name(f"{path.name}.refused.csv")
        posted = replayed = refused = 0
        with ExitStack() as stack:
            file = stack.enter_context(_opened(path))
            bar = stack.enter_context(tqdm(total=path.stat().st_size, unit="B", unit_scale=True, disable=None))
            writer: Any = None
            try:
                for progress in import_lines(
                    _counted(file, bar), actor=f"{COMMAND}{options['operator']}", dry_run=options["dry_run"]
                ):
                    posted += progress.posted
                    replayed += progress.replayed
                    refused += len(progress.refused)
                    for line in progress.refused:
                        if writer is None:
                            writer = csv.writer(stack.enter_context(refused_path.open("w", newline="")))
                            writer.writerow(["line", "reason", *REQUIRED, *OPTIONAL])
                        values = [line.values.get(name, "") for name in REQUIRED + OPTIONAL]
                        writer.writerow([line.number, line.reason, *values])
            except InvalidFile as error:
                raise CommandError(f"{path}: {error}.") from error
            except UnicodeDecodeError as error:
                raise CommandError(f"{path} is not UTF-8; what came before is posted.") from error
            except OutcomeUnknown as error:
                raise CommandError(
                    "The database was lost. Run the same command again: no line counts twice."
                ) from error
        what = "would be posted" if options["dry_run"] else "posted"
        self.stdout.write(
            f"{posted + replayed + refused} lines: {posted} {what}, {replayed} there already, {refused} refused"
            + (f" (see {refused_path})" if refused else "")
        )
        if refused:
            sys.exit(1)


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise CommandError(f"Cannot read {path}: {error.strerror}.") from error


def _counted(file: TextIO, bar: Any) -> Iterator[str]:
    for line in file:
        bar.update(len(line.encode()))
        yield line
