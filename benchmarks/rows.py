"""What is measured: each row is a load, who is put under it, and what the service is meant to reach."""

from dataclasses import dataclass

from benchmarks.load import Load
from benchmarks.stage import EXPRESS, EXPRESS_MORE, FLOOR, ON_SQLITE, OURS


@dataclass(frozen=True, slots=True)
class Row:
    """`who` under `load`, against `others` under `theirs`. `goal` is the ratio of throughputs to the first of them."""

    name: str
    title: str
    load: Load
    goal: float
    who: str = OURS
    others: tuple[str, ...] = (EXPRESS, EXPRESS_MORE)
    theirs: Load | None = None


ROWS = (
    Row("credits", "credits, 1000 wallets", Load("credit"), 1.5),
    Row("debits", "debits, 1000 wallets", Load("debit"), 1.5),
    Row("hot", "debits, one hot wallet", Load("debit", wallets=1), 2.5),
    Row("reads", "balance and 10 transactions", Load("read"), 1.2),
    Row("batches", "batches of 100 debits, against single debits", Load("batch"), 10, theirs=Load("debit")),
    Row("floor", "debits, against the same SQL without HTTP", Load("debit"), 0.5, others=(FLOOR,)),
    Row("sqlite", "credits on SQLite, against Express on MariaDB", Load("credit"), 1, who=ON_SQLITE),
)
