"""Contestants measured in turns, A B A B …, so that a machine that is slower for a while is slower for all of them."""

import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from benchmarks.contestants import Contestant
from benchmarks.load import Answered, Load
from benchmarks.processes import cpu_seconds, family

WARM_UP_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Measured:
    """One contestant in one round. CPU times are in milliseconds for each operation."""

    per_second: float
    app_cpu: float
    database_cpu: float
    p50: float
    p90: float
    p99: float
    worst: float
    errors: int


@dataclass(frozen=True, slots=True)
class Compared:
    """All rounds of one contestant."""

    rounds: Sequence[Measured]

    def median(self, figure: str) -> float:
        """The median of one of the figures over all rounds."""
        return float(statistics.median(getattr(each, figure) for each in self.rounds))

    def medians(self) -> dict[str, float]:
        """What a table shows of it: the median of each figure, and all errors."""
        figures = ("per_second", "app_cpu", "database_cpu", "p50", "p90", "p99", "worst")
        return {figure: self.median(figure) for figure in figures} | {"errors": self.errors}

    @property
    def errors(self) -> int:
        """All errors of all rounds."""
        return sum(each.errors for each in self.rounds)

    def ratio(self, other: "Compared", figure: str) -> float:
        """The median of the ratios of this one's figure to the other's, round by round."""
        pairs = zip(self.rounds, other.rounds, strict=True)
        return float(statistics.median(getattr(mine, figure) / getattr(theirs, figure) for mine, theirs in pairs))

    def as_json(self) -> list[dict[str, float]]:
        """The rounds, for a file."""
        return [asdict(each) for each in self.rounds]


def measure(contestant: Contestant, load: Load, *, seconds: float, database_pid: int) -> Measured:
    """One round of one contestant."""
    app, database = contestant.pids(), family(database_pid) if database_pid else []
    before = cpu_seconds(app), cpu_seconds(database)
    answered = contestant.answer(load, seconds=seconds)
    app_seconds = answered.cpu_seconds if answered.cpu_seconds is not None else cpu_seconds(app) - before[0]
    database_seconds = cpu_seconds(database) - before[1]
    return _measured(answered, app_seconds, database_seconds)


def _measured(answered: Answered, app_seconds: float, database_seconds: float) -> Measured:
    operations = max(answered.operations, 1)
    return Measured(
        per_second=answered.operations / answered.seconds,
        app_cpu=1000 * app_seconds / operations,
        database_cpu=1000 * database_seconds / operations,
        p50=answered.p50,
        p90=answered.p90,
        p99=answered.p99,
        worst=answered.worst,
        errors=answered.errors,
    )


def in_turns(
    contestants: Mapping[str, tuple[Contestant, Load]], *, rounds: int, seconds: float, database_pid: int
) -> dict[str, Compared]:
    """Each contestant under its load, `rounds` times in turns, after a warm-up that does not count."""
    for contestant, load in contestants.values():
        contestant.answer(load, seconds=min(seconds, WARM_UP_SECONDS))
    measured: dict[str, list[Measured]] = {name: [] for name in contestants}
    for name in _turns(contestants, rounds):
        contestant, load = contestants[name]
        measured[name].append(measure(contestant, load, seconds=seconds, database_pid=database_pid))
        print(f"  {name}: {measured[name][-1].per_second:.0f}/s", file=sys.stderr, flush=True)
        time.sleep(0.2)  # what the database does after an answer is not the next one's
    return {name: Compared(rounds_of) for name, rounds_of in measured.items()}


def _turns(names: Mapping[str, object], rounds: int) -> Iterator[str]:
    for _ in range(rounds):
        yield from names
