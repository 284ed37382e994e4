"""The floor: the statements of one debit, as the service sends them, from threads of mysqlclient. No HTTP, no rules.

What a debit costs when nothing is done but ask the database. `python -m benchmarks.floor` carries out one debit in the
service's environment, writes down what it asked, and then asks that again and again, each time for a row of its own.
"""

import json
import random
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from benchmarks.contestants import service_environment
from benchmarks.load import Answered, Load

# The debit that is written down. What differs from debit to debit is found by its value, so each has one of its own.
_USER = 997
_REFERENCE = "floor-sample"

Statement = tuple[str, Sequence[Any]]


@dataclass
class Floor:
    """A contestant that is threads of one process, each with a connection."""

    name: str
    database_url: str

    def answer(self, load: Load, *, seconds: float) -> Answered:
        command = [sys.executable, "-m", "benchmarks.floor", str(load.wallets), str(load.callers), str(seconds)]
        environment = service_environment(self.database_url) | {"DJANGO_SETTINGS_MODULE": "wallet_project.settings"}
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return Answered(**json.loads(done.stdout))

    def pids(self) -> list[int]:
        return []  # its process has come and gone


def _statements_of_a_debit() -> tuple[list[Statement], Mapping[Any, str]]:
    """What one debit asks of the database, and which of its values are this debit's own."""
    from django.db import connection

    from wallets import services

    seen: list[Statement] = []

    def note(execute: Callable[..., Any], sql: str, params: Sequence[Any], many: bool, context: Any) -> Any:
        if sql != "BEGIN":
            seen.append((sql, params))
        return execute(sql, params, many, context)

    first = f"{_REFERENCE}-{secrets.token_hex(8)}"
    services.debit(user_id=_USER, amount=1, reference_id=first)  # so that what is asked once only has been
    with connection.execute_wrapper(note):
        row = services.debit(user_id=_USER, amount=1, reference_id=f"{first}-2").transaction
    own: dict[Any, str] = {
        _USER: "user",
        row.reference_id: "reference",
        row.transaction_id: "transaction_id",
        row.transaction_id.hex: "transaction_id_hex",  # as MySQL has it, which knows no uuid
        row.sequence: "sequence",
        row.hash: "hash",
        f"{row.balance_after:.4f}": "balance",
    }
    return seen, own


class _Debits:
    """One thread's debits, one after the other, on a connection of its own."""

    def __init__(self, statements: Sequence[Statement], own: Mapping[Any, str], wallets: int) -> None:
        from django.db import connection

        self._wallets = wallets
        self._statements = [
            (sql, [(own.get(value), value if value is None else str(value)) for value in values])
            for sql, values in statements
        ]
        self._connection: Any = connection.get_new_connection(connection.get_connection_params())
        self.seconds: list[float] = []

    def until(self, end: float) -> None:
        """Debit until then, and close the connection."""
        with closing(self._connection):
            while (started := time.monotonic()) < end:
                self._debit()
                self.seconds.append(time.monotonic() - started)

    def _debit(self) -> None:
        user, transaction_id = random.randint(1, self._wallets), uuid4()
        own: dict[str, Any] = {
            "user": user,
            "reference": secrets.token_hex(12),
            "transaction_id": str(transaction_id),
            "transaction_id_hex": transaction_id.hex,
            "hash": secrets.token_hex(32),
        }
        cursor = self._connection.cursor()
        cursor.execute("BEGIN")
        for sql, values in self._statements:
            cursor.execute(sql, [own[name] if name else value for name, value in values])
            if sql.startswith("SELECT") and "FOR UPDATE" in sql:
                (found,) = cursor.fetchall()
                columns = [column[0] for column in cursor.description]
                own["sequence"] = found[columns.index("sequence")] + 1
                own["balance"] = found[columns.index("balance")] - 1
        self._connection.commit()


def main(wallets: int, callers: int, seconds: float) -> None:
    """Print what `callers` threads got in so many seconds."""
    import django

    django.setup()
    statements, own = _statements_of_a_debit()
    all_debits = [_Debits(statements, own, wallets) for _ in range(callers)]
    started, cpu_before = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(callers) as pool:
        list(pool.map(lambda debits: debits.until(started + seconds), all_debits))
    took, cpu = time.monotonic() - started, time.process_time() - cpu_before
    latencies = sorted(1000 * each for debits in all_debits for each in debits.seconds)
    figures = {
        name: latencies[int(part * (len(latencies) - 1))]
        for name, part in {"p50": 0.5, "p90": 0.9, "p99": 0.99, "worst": 1}.items()
    }
    print(json.dumps({"operations": len(latencies), "seconds": took, "errors": 0, "cpu_seconds": cpu} | figures))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
