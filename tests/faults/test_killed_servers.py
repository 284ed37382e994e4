"""Callers and the database are killed over and over, and connections cut; what was acknowledged is there, once.

FAULT_SECONDS in the environment makes the run longer than it is by default.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings

from tests.children import environment
from tests.database_server import DatabaseServer, find_server
from tests.faults.proxy import Cut, Proxy

SECONDS = float(os.environ.get("FAULT_SECONDS", "5"))
USERS = [str(number) for number in range(1, 9)]
# What a caller has written into its journal when some of its operations are done.
AT_WORK_BYTES = 2000
SLOW_SECONDS = 90
SETTINGS = {"DJANGO_SETTINGS_MODULE": "wallet_project.settings", "LOG_LEVEL": "ERROR"}
OPEN_WALLETS = """
from accounts.services import create_user
from wallets.services import create_wallet
for number in range(1, 9):
    create_user(user_id=number, user_name="N", user_email=f"n{number}@example.com", user_phone=str(number))
    create_wallet(user_id=number)
"""


class Callers:
    """Four processes that move money, each of which is replaced when it is killed."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._environment = folder, environment(url, **SETTINGS)
        self._processes: list[subprocess.Popen[bytes]] = []
        self.journals: list[Path] = []
        self._journal_of: dict[int, Path] = {}
        self.killed = 0
        self.errors = folder / "errors"

    def __enter__(self) -> "Callers":
        for _ in range(4):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()

    def kill_one(self) -> None:
        """Kill one in the middle of its work, as a crash would, and start another. None, while none has got so far."""
        at_work = [each for each in self._processes if self._journal_of[each.pid].stat().st_size > AT_WORK_BYTES]
        if not at_work:
            return
        victim = random.choice(at_work)
        self._processes.remove(victim)
        self.killed += 1
        assert victim.poll() is None, f"it died by itself: {self.errors.read_text()}"
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self._start()

    def _start(self) -> None:
        self.journals.append(self._folder / f"journal-{len(self.journals)}")
        self.journals[-1].touch()
        with self.errors.open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.caller", str(self.journals[-1]), *USERS],
                cwd=settings.BASE_DIR,
                env=self._environment,
                stderr=errors,
            )
        self._processes.append(process)
        self._journal_of[process.pid] = self.journals[-1]


def run(url: str, *command: str) -> str:
    """What a command of the project prints, on the database that `url` names."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=environment(url, **SETTINGS),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def server() -> Iterator[DatabaseServer]:
    """A server of this test's own, which it may kill."""
    program = find_server()
    assert program, "`make test` installs one"
    with DatabaseServer(program) as server:
        yield server


def survives(folder: Path, url: str, direct_url: str, faults: list[Callable[[Callers], None]]) -> None:
    """Let callers work for SECONDS while one of `faults` happens over and over, and hold the ledger against them."""
    run(direct_url, "manage.py", "migrate")
    run(direct_url, "manage.py", "shell", "-c", OPEN_WALLETS)
    happened = 0
    with Callers(folder, url) as callers:
        start = time.monotonic()
        # A machine that is slow to start callers is given longer, and an end.
        while time.monotonic() < start + SECONDS or (callers.killed < 5 and time.monotonic() < start + SLOW_SECONDS):
            time.sleep(random.uniform(0.1, 0.4))
            random.choice(faults)(callers)
            happened += 1
    assert callers.killed >= 5
    errors = callers.errors.read_text()
    assert not errors, errors
    acknowledged = run(direct_url, "-m", "tests.faults.auditor", *map(str, callers.journals))
    assert int(acknowledged) > 100
    assert happened > 10


@pytest.mark.engine("mysql")
def test_killed_callers_a_killed_database_and_cut_connections_lose_and_double_nothing(
    server: DatabaseServer, tmp_path: Path
) -> None:
    with closing(Proxy("127.0.0.1", server.port)) as proxy:

        def kill_the_database(_: Callers) -> None:
            server.kill()
            server.start()

        faults: list[Callable[[Callers], None]] = [
            Callers.kill_one,
            kill_the_database,
            lambda _: proxy.cut_all(),
            lambda _: proxy.arm(Cut.BEFORE_COMMIT),
            lambda _: proxy.arm(Cut.AFTER_COMMIT),
        ]
        through_the_proxy = server.url.replace(f":{server.port}/", f":{proxy.port}/")
        survives(tmp_path, through_the_proxy, server.url, faults)
        assert proxy.cuts > 0


@pytest.mark.engine("sqlite")
def test_killed_callers_of_an_embedded_database_lose_and_double_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'wallet.sqlite3'}"
    survives(tmp_path, url, url, [Callers.kill_one])
