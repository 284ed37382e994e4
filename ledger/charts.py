"""Charts that the server draws: figures in, shapes out, on a field of WIDTH by HEIGHT that a page stretches to fit.

What a chart shows is also there as a table, for those who cannot see it and those who want the figures. Labels are the
page's, so that they keep their size on a narrow screen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ledger.money import figure

WIDTH, HEIGHT = 1000, 200
_GAP = 0.2  # of a column's room


@dataclass(frozen=True)
class Bar:
    """A column, and what it stands for, in words."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    says: str


@dataclass(frozen=True)
class Chart:
    """Shapes, labels and the table behind them. `high` and `low` are what the upper and the lower edge stand for."""

    title: str
    summary: str
    high: str
    low: str
    first: str
    last: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    zero: float = HEIGHT
    bars: Sequence[Bar] = ()
    line: str = ""


def columns(title: str, counts: Sequence[tuple[str, int]], *, of: str) -> Chart:
    """How many of something, one column for each label."""
    most = max((count for _, count in counts), default=0) or 1
    bars = [
        _bar(
            index,
            len(counts),
            base=HEIGHT,
            height=-HEIGHT * count / most,
            colour="count",
            says=f"{label}: {count} {of}",
        )
        for index, (label, count) in enumerate(counts)
    ]
    total = sum(count for _, count in counts)
    return Chart(
        title=title,
        summary=f"{title}: {total} {of} in all, at most {most} at once",
        high=str(most),
        low="0",
        first=counts[0][0] if counts else "",
        last=counts[-1][0] if counts else "",
        head=("", of),
        rows=[(label, str(count)) for label, count in counts],
        bars=bars,
    )


def in_and_out(title: str, days: Sequence[tuple[str, Decimal, Decimal]], currency: str) -> Chart:
    """What came in, upwards, and what went out, downwards, for each label; money in `currency`."""
    most = max((max(came, went) for _, came, went in days), default=Decimal(0)) or Decimal(1)
    middle = HEIGHT / 2
    bars = []
    for index, (label, came, went) in enumerate(days):
        for amount, way, sign in ((came, "in", -1), (went, "out", 1)):
            height = sign * middle * float(amount / most)
            says = f"{label}: {figure(amount, currency)} {way}"
            bars.append(_bar(index, len(days), base=middle, height=height, colour=way, says=says))
    came = sum((day[1] for day in days), Decimal(0))
    went = sum((day[2] for day in days), Decimal(0))
    return Chart(
        title=title,
        summary=f"{title}: {figure(came, currency)} in and {figure(went, currency)} out in all, {currency}",
        high=f"{_short(most)} in",
        low=f"{_short(most)} out",
        first=days[0][0] if days else "",
        last=days[-1][0] if days else "",
        head=("", f"In ({currency})", f"Out ({currency})"),
        rows=[(label, figure(came, currency), figure(went, currency)) for label, came, went in days],
        zero=middle,
        bars=bars,
    )


def balance_over_time(title: str, points: Sequence[tuple[datetime, Decimal]], now: datetime, currency: str) -> Chart:
    """What there was from each moment on, oldest first, until `now`, in `currency`. There is one point at least."""
    amounts = [amount for _, amount in points]
    high, low = max(*amounts, Decimal(0)), min(*amounts, Decimal(0))
    span = float(high - low) or 1.0
    begin = points[0][0]
    seconds = (now - begin).total_seconds() or 1.0

    def y(amount: Decimal) -> float:
        return HEIGHT * float(high - amount) / span

    corners: list[str] = []
    for index, (moment, amount) in enumerate(points):
        x = WIDTH * (moment - begin).total_seconds() / seconds
        if index:
            corners.append(f"{x:.1f},{y(points[index - 1][1]):.1f}")
        corners.append(f"{x:.1f},{y(amount):.1f}")
    corners.append(f"{WIDTH},{y(amounts[-1]):.1f}")
    return Chart(
        title=title,
        summary=f"{title}: from {figure(amounts[0], currency)} to {figure(amounts[-1], currency)} {currency}, "
        f"at most {figure(max(amounts), currency)}, at least {figure(min(amounts), currency)}",
        high=_short(high),
        low=_short(low),
        first=f"{begin:%Y-%m-%d %H:%M}",
        last=f"{now:%Y-%m-%d %H:%M}",
        head=("From (UTC)", f"Balance ({currency})"),
        rows=[(f"{moment:%Y-%m-%d %H:%M:%S}", figure(amount, currency)) for moment, amount in points],
        zero=y(Decimal(0)),
        line=" ".join(corners),
    )


def _bar(index: int, of: int, *, base: float, height: float, colour: str, says: str) -> Bar:
    """The column `index` of so many, from `base` upwards where `height` is negative."""
    room = WIDTH / of
    top = min(base, base + height)
    return Bar(
        x=round(room * (index + _GAP / 2), 2),
        y=round(top, 2),
        width=round(room * (1 - _GAP), 2),
        height=round(abs(height), 2),
        colour=colour,
        says=says,
    )


def _short(amount: Decimal) -> str:
    """An amount for the edge of a chart: 1.2M rather than 1,234,567.00."""
    for size, letter in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if abs(amount) >= size:
            return f"{float(amount) / size:.3g}{letter}"
    return f"{amount.normalize():f}" if amount else "0"
