"""What is measured. A row puts the service under a load, and others in turns with it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.comparing import in_turns, measure
from benchmarks.contestants import Contestant
from benchmarks.load import Load
from benchmarks.processes import memory_megabytes
from benchmarks.stage import EXPRESS, EXPRESS_MORE, FLOOR, ON_SQLITE, OURS, Stage
from benchmarks.watching import watched

Result = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """`who` under `load`, against `others` under `theirs`.

    `goal` is the ratio of throughputs to the first of them; None where there is none.
    """

    name: str
    title: str
    load: Load
    goal: float | None
    who: str = OURS
    others: tuple[str, ...] = (EXPRESS, EXPRESS_MORE)
    theirs: Load | None = None

    def run(self, stage: Stage, *, rounds: int, seconds: float) -> Result:
        """Medians of all rounds, and the median of the ratios, round by round."""
        asked = {self.who: self.load} | dict.fromkeys(self.others, self.theirs or self.load)
        contestants: Mapping[str, tuple[Contestant, Load]] = {
            name: (stage.contestant(name), load) for name, load in asked.items()
        }
        compared = in_turns(contestants, rounds=rounds, seconds=seconds, database_pid=stage.database_pid)
        return {
            "title": self.title,
            "goal": self.goal,
            "who": self.who,
            "contestants": {name: each.medians() for name, each in compared.items()},
            "ratios": {name: compared[self.who].ratio(compared[name], "per_second") for name in self.others},
            "rounds": {name: each.as_json() for name, each in compared.items()},
        }


@dataclass(frozen=True, slots=True)
class Curve:
    """Debits by more and more callers: whether a server that is asked too much does less, or only makes others wait."""

    name = "callers"
    callers = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

    def run(self, stage: Stage, *, rounds: int, seconds: float) -> Result:
        """Each number of callers once, this service and Express in turns."""
        points: list[dict[str, Any]] = []
        for number in self.callers:
            load = replace(Load("debit"), callers=number)
            for name in (OURS, EXPRESS):
                contestant = stage.contestant(name)
                contestant.answer(load, seconds=1)
                measured = measure(contestant, load, seconds=seconds, database_pid=stage.database_pid)
                points.append(
                    {"callers": number, "who": name, "per_second": measured.per_second}
                    | {"p50": measured.p50, "p99": measured.p99, "errors": measured.errors}
                )
                print(f"  {number} callers, {name}: {measured.per_second:.0f}/s, p99 {measured.p99:.0f} ms", flush=True)
        return {"title": "debits, more and more callers", "points": points}


@dataclass(frozen=True, slots=True)
class Memory:
    """What the service's processes hold while they are under load; pages that they share count once."""

    name = "memory"
    loads = ("debit", "read", "batch")

    def run(self, stage: Stage, *, rounds: int, seconds: float) -> Result:
        """Debits, reads and batches in turns, for as long as a row of ten minutes with the usual figures takes."""
        service = stage.contestant(OURS)
        samples: list[float] = []
        for turn in range(4 * rounds * len(self.loads)):
            with watched(lambda: memory_megabytes(service.pids()), every=1) as seen:
                service.answer(Load(self.loads[turn % len(self.loads)]), seconds=seconds * 10 / 6)
            samples.append(max(seen))
            print(f"  {self.loads[turn % len(self.loads)]}: {samples[-1]:.0f} MB", flush=True)
        return {"title": "memory of 2 workers under load", "megabytes": samples}


ROWS: tuple[Row | Curve | Memory, ...] = (
    Row("credits", "credits, 1000 wallets", Load("credit"), 1.5),
    Row("debits", "debits, 1000 wallets", Load("debit"), 1.5),
    Row("hot", "debits, one hot wallet", Load("debit", wallets=1), 2.5),
    Row("reads", "balance and 10 transactions", Load("read"), 1.2),
    Row("mixed", "a debit, and then the balance", Load("mixed"), None),
    Row("batches", "batches of 100 debits, against single debits", Load("batch"), 10, theirs=Load("debit")),
    Row("floor", "debits, against the same SQL without HTTP", Load("debit"), 0.5, others=(FLOOR,)),
    Row("sqlite", "credits on SQLite, against Express on MariaDB", Load("credit"), 1, who=ON_SQLITE),
    Curve(),
    Memory(),
)
