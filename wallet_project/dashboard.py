"""What the first page of the back office shows: how much is held, what moved, what failed, and whether it adds up."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from ledger.charts import Chart, columns, in_and_out
from ledger.fields import MoneySum
from ledger.models import Status, Transaction, Type, Verification
from ledger.selectors import currency_of_row
from ledger.totals import Line, Tally, Totals, roll_up_if_due, totals
from wallets.models import Hold, HoldStatus, Wallet, WalletStatus
from wallets.operations import TRANSFERS

DAYS = 30
# The newest transactions, which say how busy it is now; a page does not count more.
RECENT = 5000
SHOWN = 10


@dataclass(frozen=True)
class Held:
    """What the wallets of a currency hold together, and what of it their open holds set aside."""

    currency: str
    balance: Decimal
    on_hold: Decimal
    holds: int


@dataclass(frozen=True)
class Reason:
    """Why operations failed, how many, and which part of all failures that is, from 0 to 100."""

    reason: str
    count: int
    part: float


@dataclass(frozen=True)
class Dashboard:
    """All of the page. Money is of `currency` where nothing else is said; days are in UTC."""

    currency: str
    held: list[Held]
    complete: bool
    in_and_out: Chart
    per_minute: Chart
    operations: int
    failed: int
    failed_part: float
    reasons: list[Reason]
    largest: list[Transaction]
    failures: list[Transaction]
    frozen: int
    verification: Verification | None


def dashboard(currency: str = "") -> Dashboard:
    """The page for `currency`; without one, for the currency that moved most often."""
    kept = roll_up_if_due()
    now = timezone.now()
    recent = list(Transaction.objects.order_by("-pk").values_list("pk", "created_at")[:RECENT])
    first = now.date() - timedelta(days=DAYS - 1)
    found = totals(first, kept=kept, newest=recent[0][0] if recent else 0)
    lines = [(line, count) for tally in found.days.values() for line, (count, _) in tally.lines.items()]
    used = Counter[str]()
    for line, count in lines:
        used[line.currency] += count
    held = _held(found, now)
    known = {each.currency for each in held}
    shown = currency if currency in known else max(known, key=lambda code: (used[code], code), default="")
    failed = sum(count for line, count in lines if line.status == Status.FAILED)
    decided = sum(count for line, count in lines if line.status != Status.HELD)
    return Dashboard(
        currency=shown,
        held=held,
        complete=found.complete,
        in_and_out=_in_and_out(found, first, shown),
        per_minute=_per_minute(now, [moment for _, moment in recent]),
        operations=decided,
        failed=failed,
        failed_part=100 * failed / decided if decided else 0.0,
        reasons=_reasons(lines, failed),
        largest=_largest(found, shown),
        failures=list(_shown().filter(status=Status.FAILED).order_by("-pk")[:SHOWN]),
        frozen=Wallet.objects.filter(status__in=[WalletStatus.FROZEN, WalletStatus.DEBIT_FROZEN]).count(),
        verification=Verification.objects.order_by("-pk").first(),
    )


def _held(found: Totals, now: datetime) -> list[Held]:
    open_holds = Hold.objects.filter(status=HoldStatus.OPEN).exclude(expires_at__lte=now).order_by()
    sums = open_holds.values_list("wallet__currency").annotate(Count("pk"), MoneySum("amount"), MoneySum("captured"))
    on_hold = {currency: (amount - captured, count) for currency, count, amount, captured in sums}
    nothing = (Decimal(0), 0)
    return [Held(currency, balance, *on_hold.get(currency, nothing)) for currency, balance in found.balances.items()]


def _in_and_out(found: Totals, first: date, currency: str) -> Chart:
    """Transfers between wallets are neither."""

    def sum_of(tally: Tally, type_: Type) -> Decimal:
        return sum(
            (
                amount
                for line, (_, amount) in tally.lines.items()
                if (line.currency, line.type, line.status) == (currency, type_, Status.SUCCESS)
                and line.account != TRANSFERS
            ),
            Decimal(0),
        )

    days = [first + timedelta(days=number) for number in range(DAYS)]
    tallies = [(day, found.days.get(day, Tally())) for day in days]
    figures = [(f"{day:%d %b}", sum_of(tally, Type.CREDIT), sum_of(tally, Type.DEBIT)) for day, tally in tallies]
    return in_and_out(f"Money in and out, {DAYS} days", figures, currency or "INR")


def _per_minute(now: datetime, moments: list[datetime]) -> Chart:
    """Of the last hour, or as much of it as the newest transactions, which `moments` are of, go back."""
    this = _minute(now)
    since = this - timedelta(minutes=59)
    if len(moments) == RECENT:  # of its oldest minute there may be more
        since = min(this, max(since, _minute(moments[-1]) + timedelta(minutes=1)))
    counts = Counter(_minute(moment) for moment in moments if moment >= since)
    minutes = [since + timedelta(minutes=number) for number in range(int((this - since).total_seconds() // 60) + 1)]
    labelled = [(f"{minute:%H:%M}", counts[minute]) for minute in minutes]
    return columns("Operations a minute, the last hour", labelled, of="operations")


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _reasons(lines: list[tuple[Line, int]], failed: int) -> list[Reason]:
    counts = Counter[str]()
    for line, count in lines:
        if line.status == Status.FAILED:
            counts[line.reason] += count
    return [Reason(reason, count, round(100 * count / failed, 1)) for reason, count in counts.most_common()]


def _largest(found: Totals, currency: str) -> list[Transaction]:
    all_days = Tally()
    for tally in found.days.values():
        all_days.add(Tally(largest=tally.largest))
    keys = [large.pk for large in all_days.largest if large.currency == currency][:SHOWN]
    rows = _shown().in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


def _shown() -> QuerySet[Any]:
    """Transactions with their currency."""
    return Transaction.objects.annotate(currency=currency_of_row())
