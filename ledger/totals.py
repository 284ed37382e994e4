"""What moved on each day, counted once and kept, so that a page of a million transactions need not read them.

A roll-up reads each transaction once, in the order of the primary key, and adds it to the totals of its day. Rows of
the last minutes are left for the next time: one of them may still be in a commit that is not there yet, while later
ones are. Whoever asks gets the kept totals and, read at that moment, what has come since.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import OperationalError
from django.db.models import Count, F, Max, Subquery, Window
from django.db.models.functions import RowNumber, TruncDate
from django.db.transaction import atomic
from django.utils import timezone

from ledger.fields import MoneySum
from ledger.models import Day, RollUp, Status, Transaction, Type
from ledger.selectors import currency_of_row

logger = logging.getLogger(__name__)

# No commit takes as long: a wallet would be locked all the while.
SETTLED = timedelta(minutes=5)
# Rows of one step, and the most that a page reads beyond what is kept: a statement over them takes 0.1 s.
STEP = 50_000
LARGEST = 10


class Line(NamedTuple):
    """What transactions of a day have in common."""

    currency: str
    type: str
    account: str
    status: str
    reason: str


class Large(NamedTuple):
    """A large movement: the transaction's primary key, its amount, and that amount's currency."""

    pk: int
    amount: Decimal
    currency: str


@dataclass
class Tally:
    """How many transactions a day had of each line, what they come to, and the largest that moved money."""

    lines: dict[Line, tuple[int, Decimal]] = field(default_factory=dict)
    largest: list[Large] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count what `other` has counted."""
        for line, (count, amount) in other.lines.items():
            counted, sum_ = self.lines.get(line, (0, Decimal(0)))
            self.lines[line] = (counted + count, sum_ + amount)
        by_currency: defaultdict[str, list[Large]] = defaultdict(list)
        for large in {*self.largest, *other.largest}:
            by_currency[large.currency].append(large)
        self.largest = [
            large
            for _, group in sorted(by_currency.items())
            for large in sorted(group, key=lambda each: (-each.amount, each.pk))[:LARGEST]
        ]

    def moved(self) -> dict[str, Decimal]:
        """By how much these transactions changed what the wallets hold, in each currency."""
        moved: defaultdict[str, Decimal] = defaultdict(Decimal)
        for line, (_, amount) in self.lines.items():
            if line.status == Status.SUCCESS:
                moved[line.currency] += amount if line.type == Type.CREDIT else -amount
        return dict(moved)


@dataclass(frozen=True)
class Totals:
    """The tallies of some days; what all wallets hold together, by currency; and whether it is all there is."""

    days: Mapping[date, Tally]
    balances: Mapping[str, Decimal]
    complete: bool


def totals(since: date, *, kept: RollUp | None = None, newest: int | None = None) -> Totals:
    """What moved from the day `since` on, and what the wallets hold, up to this moment.

    Not `complete` when more has come since the last roll-up than is read for a page: then it is as of that roll-up.
    The largest are always as of the last roll-up. Whoever has `roll_up_if_due`'s answer, or the primary key of the
    newest transaction, spares a query for each.
    """
    kept = kept or RollUp.objects.filter(pk=1).first() or RollUp()
    newest = _newest() if newest is None else newest
    kept, days = _of_one_moment(since, kept)
    balances = _balances_of(kept)
    complete = newest - kept.until <= STEP
    for day, tally in (_sums(kept.until, newest) if complete else {}).items():
        if day >= since:
            days.setdefault(day, Tally()).add(tally)
        _add(balances, tally)
    return Totals(dict(sorted(days.items())), dict(sorted(balances.items())), complete)


def _of_one_moment(since: date, kept: RollUp) -> tuple[RollUp, dict[date, Tally]]:
    """The kept days, and the roll-up that they are of: another may be done between two questions."""
    until = Subquery(RollUp.objects.filter(pk=1).values("until"))
    for _ in range(10):
        days = [(day.kept_until, day) for day in Day.objects.filter(day__gte=since).annotate(kept_until=until)]
        if days and all(until == kept.until for until, _ in days):
            break
        again = RollUp.objects.filter(pk=1).first() or RollUp()
        if not days and again.until == kept.until:
            break
        kept = again
    return kept, {day.day: _tally_of(day) for _, day in days}


def roll_up(*, most_steps: int | None = None) -> int:
    """Count what has come since the last roll-up and is settled. Answers how many rows were counted.

    Any number of processes may do so at once; each row is counted once.
    """
    RollUp.objects.get_or_create(pk=1)
    counted = steps = 0
    while most_steps is None or steps < most_steps:
        rows, more = _step()
        counted += rows
        steps += 1
        if not more:
            break
    return counted


def roll_up_if_due() -> RollUp:
    """Count a step's worth, when the last roll-up is older than what it could have settled since. Answers the last one.

    For a page: it does without when the database is busy.
    """
    kept = RollUp.objects.filter(pk=1).first()
    if kept is None or kept.at is None or kept.at <= timezone.now() - SETTLED:
        try:
            roll_up(most_steps=1)
        except OperationalError as error:
            logger.info("not rolled up: %s", error)
        kept = RollUp.objects.filter(pk=1).first()
    return kept or RollUp()


def rebuild() -> int:
    """Forget all totals and count every row again. Answers how many rows were counted."""
    with atomic():
        RollUp.objects.get_or_create(pk=1)
        RollUp.objects.select_for_update().get(pk=1)
        Day.objects.all().delete()
        RollUp.objects.filter(pk=1).update(until=0, balances={})
    return roll_up()


def _step() -> tuple[int, bool]:
    """Count one step's rows. Answers how many they were, and whether there is more to count."""
    with atomic():
        kept = RollUp.objects.select_for_update().get(pk=1)
        end, more = _end(kept.until)
        until = _settled(kept.until, end)
        read = _read(kept.until, until)
        days = Day.objects.in_bulk(list(read))
        for day, tally in read.items():
            total = _tally_of(days[day]) if day in days else Tally()
            total.add(tally)
            Day.objects.update_or_create(day=day, defaults=_as_json(total))
        balances = _balances_of(kept)
        for tally in read.values():
            _add(balances, tally)
        kept.balances = {currency: str(amount) for currency, amount in balances.items()}
        more = more and until == end
        kept.until, kept.at = until, timezone.now()
        kept.save()
    return sum(count for tally in read.values() for count, _ in tally.lines.values()), more


def _newest() -> int:
    newest: int | None = Transaction.objects.aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def _end(after: int) -> tuple[int, bool]:
    """The primary key of the last row of a step that begins `after` another, and whether rows come after it."""
    keys = Transaction.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    full: list[int] = list(keys[STEP - 1 : STEP + 1])
    return (full[0], len(full) > 1) if full else (max(after, _newest()), False)


def _settled(after: int, until: int) -> int:
    """The last primary key up to `until` before which every row is settled."""
    rows = Transaction.objects.filter(pk__gt=after, pk__lte=until, created_at__gte=timezone.now() - SETTLED)
    first: int | None = rows.order_by("pk").values_list("pk", flat=True).first()
    return until if first is None else first - 1


def _between(after: int, until: int) -> Any:
    rows = Transaction.objects.filter(pk__gt=after, pk__lte=until).order_by()
    return rows.annotate(day=TruncDate("created_at"), currency=currency_of_row())


def _read(after: int, until: int) -> dict[date, Tally]:
    """The tallies of the transactions between two primary keys, by day."""
    tallies = _sums(after, until)
    rank = Window(RowNumber(), partition_by=[F("day"), F("currency")], order_by=[F("amount").desc(), F("pk").asc()])
    moved = _between(after, until).filter(status=Status.SUCCESS, leg=0).annotate(rank=rank)
    for day, *large in moved.filter(rank__lte=LARGEST).values_list("day", "pk", "amount", "currency"):
        tallies[day].largest.append(Large(*large))
    return tallies


def _sums(after: int, until: int) -> dict[date, Tally]:
    """The tallies without the largest."""
    tallies: defaultdict[date, Tally] = defaultdict(Tally)
    rows = _between(after, until).values_list("day", "currency", "type", "account_id", "status", "failure_reason")
    for day, *line, count, amount in rows.annotate(Count("pk"), MoneySum("amount")):
        tallies[day].lines[Line(*line)] = (count, amount)
    return dict(tallies)


def _add(balances: dict[str, Decimal], tally: Tally) -> None:
    for currency, amount in tally.moved().items():
        balances[currency] = balances.get(currency, Decimal(0)) + amount


def _balances_of(kept: RollUp) -> dict[str, Decimal]:
    return {currency: Decimal(amount) for currency, amount in kept.balances.items()}


def _tally_of(day: Day) -> Tally:
    return Tally(
        lines={Line(*names): (count, Decimal(amount)) for *names, count, amount in day.lines},
        largest=[Large(pk, Decimal(amount), currency) for pk, amount, currency in day.largest],
    )


def _as_json(tally: Tally) -> dict[str, Any]:
    lines: Iterable[Any] = ([*line, count, str(amount)] for line, (count, amount) in tally.lines.items())
    return {"lines": list(lines), "largest": [[pk, str(amount), currency] for pk, amount, currency in tally.largest]}
