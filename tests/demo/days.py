"""When things happen: an hour at a time, more at lunch and in the evening, fewer at night, more at weekends."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

HOUR = timedelta(hours=1)
# How busy each hour of a day is, from midnight on.
_HOURS = (3, 1, 1, 1, 1, 2, 6, 14, 22, 26, 28, 36, 52, 56, 40, 30, 30, 38, 56, 70, 72, 54, 28, 10)
_DAYS = (0.92, 0.9, 0.94, 1.0, 1.16, 1.28, 1.12)  # from Monday on
_GROWTH = 0.7  # how much busier the last day is than the first


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour, or the part of one that belongs to the story; `share` of the whole story has happened at its end."""

    start: datetime
    end: datetime
    share: float

    @property
    def local(self) -> datetime:
        """Its beginning, by the clocks of the service."""
        return timezone.localtime(self.start, timezone.get_default_timezone())


def slots(now: datetime, days: int) -> list[Slot]:
    """The hours of the last `days` days, up to `now`."""
    begin = now - timedelta(days=days)
    hours = list(_hours(begin, now))
    weights = [_weight(start, end, (start - begin) / (now - begin)) for start, end in hours]
    total, so_far, found = sum(weights), 0.0, []
    for (start, end), weight in zip(hours, weights, strict=True):
        so_far += weight
        found.append(Slot(start, end, 1.0 if end == now else so_far / total))
    return found


def moments(slot: Slot, count: int, random: Random) -> list[datetime]:
    """`count` moments of the slot, in their order."""
    seconds = (slot.end - slot.start).total_seconds()
    return [slot.start + timedelta(seconds=at) for at in sorted(random.uniform(0, seconds) for _ in range(count))]


def _hours(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    while start < end:
        full = start.replace(minute=0, second=0, microsecond=0) + HOUR
        yield start, min(full, end)
        start = full


def _weight(start: datetime, end: datetime, progress: float) -> float:
    local = timezone.localtime(start, timezone.get_default_timezone())
    return _HOURS[local.hour] * _DAYS[local.weekday()] * (1 + _GROWTH * progress) * ((end - start) / HOUR)
