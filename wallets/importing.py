"""Posting many credits and debits from a CSV file, through the one door, a batch at a time.

Each line is one operation, named by its reference. So a file that was cut off half way, by a crash or by hand, is sent
again whole: what is there already is a replay.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from django.db import reset_queries
from django.db.transaction import atomic, set_rollback

from accounts.models import MAX_USER_ID
from ledger.exceptions import LedgerError
from ledger.models import Status
from ledger.selectors import require_account
from wallets.decisions import Refused
from wallets.operations import EXTERNAL, Credit, Debit, Operation
from wallets.posting import Outcome, post

REQUIRED = ("user_id", "type", "amount", "reference_id")
OPTIONAL = ("account", "description")
BATCH = 500
_KINDS: dict[str, type[Operation]] = {"CREDIT": Credit, "DEBIT": Debit}


class InvalidFile(Exception):
    """A file whose columns are not those of an import; the text says which."""


@dataclass(frozen=True)
class RefusedLine:
    """A line that moved no money, and why."""

    number: int
    reason: str
    values: dict[str, str]


@dataclass
class Progress:
    """What became of the lines so far."""

    posted: int = 0
    replayed: int = 0
    refused: list[RefusedLine] = field(default_factory=list)  # of the newest batch


def import_lines(lines: Iterable[str], *, actor: str, dry_run: bool) -> Iterator[Progress]:
    """Post the lines of a CSV file with a header; after each batch, what became of its lines.

    A dry run posts each batch and undoes it, so that it is decided by the balances of now. Raises InvalidFile, before
    anything is posted; OutcomeUnknown when the database is lost, after which the same file can be sent again.
    """
    reader = csv.DictReader(lines, restkey="", restval="")
    _check_columns(list(reader.fieldnames or []))
    numbered = enumerate(reader, start=2)  # line 1 is the header
    while batch := list(islice(numbered, BATCH)):
        yield _import_batch(batch, actor=actor, dry_run=dry_run)
        reset_queries()  # in DEBUG, Django keeps the text of every statement


def _check_columns(columns: list[str]) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in REQUIRED + OPTIONAL]
    if missing or unknown:
        wrong = [f"{', '.join(missing)} missing"] if missing else []
        wrong += [f"{', '.join(unknown)} unknown"] if unknown else []
        raise InvalidFile(
            f"The first line must name the columns {','.join(REQUIRED)} and may name {','.join(OPTIONAL)}: "
            + "; ".join(wrong)
        )


def _import_batch(batch: list[tuple[int, dict[str, str]]], *, actor: str, dry_run: bool) -> Progress:
    progress = Progress()
    operations: list[Operation] = []
    sources: list[tuple[int, dict[str, str]]] = []
    for number, values in batch:
        try:
            operations.append(_operation(values, actor))
        except (LedgerError, ValueError) as error:
            progress.refused.append(RefusedLine(number, str(error), values))
        else:
            sources.append((number, values))
    for (number, values), outcome in zip(sources, _posted(operations, dry_run=dry_run), strict=True):
        if isinstance(outcome, Refused):
            progress.refused.append(RefusedLine(number, str(outcome.error), values))
        elif outcome.transaction.status == Status.FAILED:
            progress.refused.append(RefusedLine(number, outcome.transaction.failure_reason, values))
        elif outcome.replayed:
            progress.replayed += 1
        else:
            progress.posted += 1
    progress.refused.sort(key=lambda line: line.number)
    return progress


def _posted(operations: list[Operation], *, dry_run: bool) -> list[Outcome]:
    if not dry_run:
        return post(operations)
    with atomic():
        outcomes = post(operations)
        set_rollback(True)
        return outcomes


def _operation(values: dict[str, str], actor: str) -> Operation:
    """The operation of one line. Raises LedgerError or ValueError with a sentence."""
    if "" in values:
        raise ValueError("More values than columns")
    digits = values["user_id"]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20 and 1 <= int(digits) <= MAX_USER_ID):
        raise ValueError("user_id must be a whole number")
    kind = _KINDS.get(values["type"])
    if kind is None:
        raise ValueError("type must be CREDIT or DEBIT")
    account = values.get("account") or EXTERNAL
    require_account(account)
    return kind(
        user_id=int(digits),
        amount=values["amount"],  # type: ignore[arg-type]  # the operation reads it exactly, and says what is wrong
        reference_id=values["reference_id"],
        account=account,
        description=values.get("description", ""),
        actor=actor,
    )
