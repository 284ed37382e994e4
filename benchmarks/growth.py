"""What becomes of speed, and of the disk, when there is a hundred times as much: few wallets and many, in turns."""

import json
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from benchmarks.contestants import run
from benchmarks.load import Load
from benchmarks.rows import Row
from benchmarks.stage import Stage

# What a database of this size is given. Left at MariaDB's 128 MB, most of what is asked for comes from the disk.
CACHE_BYTES = 8 * 2**30


@dataclass(frozen=True, slots=True)
class Growth:
    """The service on `few` wallets and on `many`, each with `each` transactions, under the same loads."""

    name = "growth"
    few: int = 10_000
    many: int = 1_000_000
    each: int = 10
    goal: float = 0.85

    def run(self, stage: Stage, *, rounds: int, seconds: float) -> dict[str, Any]:
        """Medians of all rounds for each load; then the plans and the sizes of the tables with many."""
        with closing(stage.connection("wallet")) as connection:
            connection.cursor().execute(f"SET GLOBAL innodb_buffer_pool_size = {CACHE_BYTES}")
        names = {wallets: f"{wallets:,} wallets" for wallets in (self.few, self.many)}
        for wallets, name in names.items():
            stage.grow(name, wallets, self.each)
        found: dict[str, Any] = {"many": self.many, "each": self.each, "loads": {}}
        for operation in ("debit", "read"):
            row = Row(
                *(operation, f"{operation}s, a hundred times as much", Load(operation, wallets=self.many), self.goal),
                who=names[self.many],
                others=(names[self.few],),
                theirs=Load(operation, wallets=self.few),
            )
            found["loads"][operation] = row.run(stage, rounds=rounds, seconds=seconds)
        url = stage.service_url(names[self.many])
        return found | {"plans": json.loads(run(url, "-m", "benchmarks.plans")), "tables": _sizes(stage, url)}


def _sizes(stage: Stage, url: str) -> list[dict[str, Any]]:
    """Each large table: its rows, and the megabytes of the rows themselves and of each index."""
    database = url.rpartition("/")[2]
    found = []
    with closing(stage.connection(database)) as connection:
        cursor = connection.cursor()
        for table in ("transactions", "wallets", "users"):
            cursor.execute(f"ANALYZE TABLE {table}")
            cursor.fetchall()
            cursor.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608  (one of those above)
            (rows,) = cursor.fetchone()
            cursor.execute(
                "SELECT index_name, stat_value * @@innodb_page_size / 1e6 FROM mysql.innodb_index_stats "
                "WHERE database_name = %s AND table_name = %s AND stat_name = 'size' ORDER BY 2 DESC",
                (database, table),
            )
            megabytes = {name: round(float(size)) for name, size in cursor.fetchall()}
            found.append({"table": table, "rows": rows, "megabytes": megabytes})
    return found


GROWTH = Growth()
