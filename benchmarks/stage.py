"""What a benchmark runs on: one MariaDB server of its own, with a database for each contestant, and the contestants."""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.contestants import PROCESSES, Contestant, express, run, service
from benchmarks.floor import Floor
from benchmarks.load import WALLETS
from tests.database_server import DatabaseServer, find_server, install_server

OURS, ON_SQLITE, EXPRESS, EXPRESS_MORE, FLOOR = (
    "wallet",
    "wallet on SQLite",
    "Express",
    f"Express × {PROCESSES}",
    "floor",
)


class Stage:
    """A database server, and contestants that are started when they are first asked for."""

    def __init__(self, server: DatabaseServer, folder: Path, stack: ExitStack) -> None:
        self.server, self.folder, self._stack = server, folder, stack
        self._contestants: dict[str, Contestant] = {}
        self._keys: dict[str, str] = {}
        self._grown: dict[str, str] = {}

    def contestant(self, name: str) -> Contestant:
        """The contestant of this name, running, with its wallets."""
        if name not in self._contestants:
            print(f"  starting {name} …", file=sys.stderr, flush=True)
            self._contestants[name] = self._started(name)
        return self._contestants[name]

    def grow(self, name: str, wallets: int, each: int) -> None:
        """Let this service run under that name too, on a database with so many wallets and transactions of each."""
        if name not in self._contestants:
            print(f"  writing {wallets * each:,} transactions …", file=sys.stderr, flush=True)
            url = self._grown[name] = self.database(f"grown_{wallets}")
            key = self.prepare(url, "benchmarks.past", "--wallets", str(wallets), "--each", str(each))
            self._contestants[name] = self._stack.enter_context(service(name, url, self.folder, key=key))

    def service_url(self, name: str) -> str:
        """The database of a contestant that is this service, or the floor beneath it."""
        if name in self._grown:
            return self._grown[name]
        if name == ON_SQLITE:
            return f"sqlite:///{self.folder}/wallet.sqlite3"
        return self.database("floor" if name == FLOOR else "wallet")

    def database(self, name: str) -> str:
        """A database on the server, made when there is none."""
        with closing(self.connection("wallet")) as connection:
            connection.cursor().execute(f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4")
        return self.server.url.rpartition("/")[0] + f"/{name}"

    def connection(self, database: str) -> Any:
        """A connection to the server, for what no contestant does."""
        import MySQLdb

        return MySQLdb.connect(
            host="127.0.0.1", port=self.server.port, user="wallet", passwd="wallet", db=database, autocommit=True
        )

    def prepare(self, url: str, *by: str) -> str:
        """Tables and wallets of the service in the database at `url`, made by a module; the key that opens it."""
        if url not in self._keys:
            self._keys[url] = run(url, "-m", *(by or ["benchmarks.seeding"])).splitlines()[-1]
        return self._keys[url]

    @property
    def database_pid(self) -> int:
        """The server's process."""
        return self.server.pid

    @property
    def database_version(self) -> str:
        """What the server is."""
        with closing(self.connection("wallet")) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT VERSION()")
            return str(cursor.fetchone()[0])

    def verify(self) -> Sequence[str]:
        """What verify_ledger says of each of the service's databases; fails when one does not hold."""
        return [
            f"{name}: " + run(self.service_url(name), "manage.py", "verify_ledger", "--jobs", "2").splitlines()[-1]
            for name in (OURS, ON_SQLITE, *self._grown)
            if name in self._contestants
        ]

    def _started(self, name: str) -> Contestant:
        if name in {OURS, ON_SQLITE}:
            url = self.service_url(name)
            return self._stack.enter_context(service(name, url, self.folder, key=self.prepare(url)))
        if name == FLOOR:
            self.prepare(self.service_url(name))
            return Floor(name, self.service_url(name))
        processes = 1 if name == EXPRESS else PROCESSES
        server = self._stack.enter_context(express(name, self.database("express"), processes=processes))
        self._fill_express()
        return server

    def _fill_express(self) -> None:
        numbers = range(1, WALLETS + 1)
        with closing(self.connection("express")) as connection:
            cursor = connection.cursor()
            cursor.executemany(
                "INSERT IGNORE INTO users (user_id, user_name, user_email, user_phone) VALUES (%s, 'A', %s, %s)",
                [(number, f"{number}@b.cd", str(number)) for number in numbers],
            )
            cursor.executemany(
                "INSERT IGNORE INTO wallets (user_id, balance) VALUES (%s, 12000000)", [(number,) for number in numbers]
            )
            cursor.executemany(
                "INSERT IGNORE INTO transactions (transaction_id, user_id, type, amount, status, reference_id) "
                "VALUES (%s, %s, 'CREDIT', 1000000, 'SUCCESS', %s)",
                [(f"seed-{turn}-{n}", n, f"seed-{turn}-{n}") for turn in range(12) for n in numbers],
            )


@contextmanager
def stage() -> Iterator[Stage]:
    """A stage that is taken down at the end of the block."""
    program = find_server() or install_server()
    with (
        tempfile.TemporaryDirectory(prefix="wallet-bench-") as folder,
        DatabaseServer(program) as server,
        ExitStack() as stack,
    ):
        yield Stage(server, Path(folder), stack)
