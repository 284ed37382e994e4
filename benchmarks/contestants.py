"""Who is measured: this service, and the Express server that it is compared with. Each is a real process."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.request import urlopen

from benchmarks.load import Answered, Load, send
from benchmarks.processes import family
from tests.database_server import free_port

START_SECONDS = 60
STOP_SECONDS = 40
PROCESSES = 2

_HERE = Path(__file__).parent
_SECRET = "only-for-the-benchmarks-and-as-long-as-a-secret-has-to-be-0123456789"


class Contestant(Protocol):
    """Something that answers a load."""

    name: str

    def answer(self, load: Load, *, seconds: float) -> Answered:
        """Be asked for so long."""

    def pids(self) -> list[int]:
        """The processes it consists of, without the database."""


@dataclass
class Server:
    """A contestant that is called over HTTP."""

    name: str
    process: subprocess.Popen[bytes]
    url: str
    key: str = ""

    def answer(self, load: Load, *, seconds: float) -> Answered:
        return send(load, self.url, seconds=seconds, key=self.key)

    def pids(self) -> list[int]:
        return family(self.process.pid)


def service_environment(database_url: str, **more: str) -> dict[str, str]:
    """The service as in production, but for HTTPS: closed, with keys; the limit of requests is out of reach."""
    return {
        "ENV_FILE": "/dev/null",
        "DJANGO_SECRET_KEY": _SECRET,
        "DJANGO_HTTPS": "false",
        "DATABASE_URL": database_url,
        "WORKERS": str(PROCESSES),
        "REQUESTS_PER_MINUTE": "10000000",
        "LOG_LEVEL": "ERROR",
        "PATH": os.environ["PATH"],
    } | more


def run(database_url: str, *arguments: str) -> str:
    """What `python ARGUMENTS` prints, run in the service's environment on this database."""
    environment = service_environment(database_url) | {"DJANGO_SETTINGS_MODULE": "wallet_project.settings"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=_HERE.parent, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


@contextmanager
def service(name: str, database_url: str, folder: Path, *, key: str, **more: str) -> Iterator[Server]:
    """This service, in `PROCESSES` workers, on a database that `benchmarks.seeding` has prepared."""
    port = free_port()
    environment = service_environment(database_url, **more) | {
        "PORT": str(port),
        "LIMITS_URL": f"file://{folder}/limits-{port}.sqlite3",
    }
    command = [sys.executable, "manage.py", "serve"]
    with _running(name, command, _HERE.parent, environment, port, ready="/health/ready") as server:
        server.key = key
        yield server


@contextmanager
def express(name: str, database_url: str, *, processes: int) -> Iterator[Server]:
    """The seed's service as a plain Express server, which makes its own tables."""
    port = free_port()
    environment = {
        "NODE_ENV": "production",
        "DATABASE_URL": database_url,
        "PORT": str(port),
        "PROCESSES": str(processes),
        "PATH": os.environ["PATH"],
    }
    node = shutil.which("node") or sys.exit("The baseline needs node. Install it: apt-get install nodejs npm")
    with _running(name, [node, "server.js"], _HERE / "express", environment, port, ready="/wallets/0") as server:
        yield server


@contextmanager
def _running(
    name: str, command: list[str], folder: Path, environment: Mapping[str, str], port: int, *, ready: str
) -> Iterator[Server]:
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    server = Server(name, process, f"http://127.0.0.1:{port}")
    try:
        _wait_until_it_answers(server, ready)
        yield server
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _wait_until_it_answers(server: Server, path: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            with urlopen(server.url + path):  # noqa: S310  (a URL of our own making)
                return
        except OSError as error:
            if getattr(error, "code", None) == 404:  # it answers: there is no such wallet
                return
            time.sleep(0.05)
    sys.exit(f"{server.name} did not start; what it said is above.")
