"""A throwaway MariaDB or MySQL server: private data folder, own port on loopback, ended by its own pid."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.packages import apt_install

START_SECONDS = 60
PACKAGES = ["mariadb-server-core", "mariadb-client-core"]


def find_server() -> Path | None:
    """The server program of this machine, if it has one."""
    places = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin:/usr/libexec"
    for name in ("mariadbd", "mysqld"):
        if found := shutil.which(name, path=places):
            program = Path(found).resolve()  # Debian's mysqld may be a link to mariadbd
            helpers = ["mariadb-install-db", "my_print_defaults"] if program.name == "mariadbd" else []
            if all(shutil.which(helper, path=places) for helper in helpers):
                return program
    return None


def install_server() -> Path:
    """Install MariaDB's server through apt where that is allowed, or end with what to do.

    The packages with the bare programs are enough: unlike mariadb-server, they start no service on the machine.
    """
    apt_install(PACKAGES, why="to test on a real server")
    return find_server() or sys.exit(
        "The tests need a MariaDB or MySQL server program, and none is here or could be installed.\n"
        f"Install one (apt-get install {' '.join(PACKAGES)}), or name a server: TEST_DATABASE_URL=mysql://USER:PASSWORD@HOST:PORT/DATABASE"
    )


class DatabaseServer:
    """A server of our own, with default settings (durable flushes) and an account `wallet`; a context manager."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._folder = Path(tempfile.mkdtemp(prefix="wallet-db-"))
        self._socket = self._folder / "socket"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        """What DATABASE_URL takes."""
        return f"mysql://wallet:wallet@127.0.0.1:{self.port}/wallet"

    def __enter__(self) -> "DatabaseServer":
        try:
            self._initialise()
            self.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        with self._as_root() as connection:
            cursor = connection.cursor()
            cursor.execute("CREATE USER wallet@'%' IDENTIFIED BY 'wallet'")
            cursor.execute("GRANT ALL ON *.* TO wallet@'%' WITH GRANT OPTION")
            cursor.execute("CREATE DATABASE wallet CHARACTER SET utf8mb4")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(START_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start the server on its data, and wait until it answers."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    self._program,
                    "--no-defaults",
                    *_as_this_user(),
                    f"--datadir={self._data}",
                    f"--socket={self._socket}",
                    f"--port={self.port}",
                    "--bind-address=127.0.0.1",
                    f"--pid-file={self._folder / 'pid'}",
                    "--max-connections=300",
                    *([] if self._is_mariadb else ["--mysqlx=OFF", "--log-bin-trust-function-creators=1"]),
                ],
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                self._as_root().close()
            except Exception:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
            else:
                return
        sys.exit(f"{self._program} did not start:\n{(self._folder / 'log').read_text(errors='replace')[-3000:]}")

    @property
    def pid(self) -> int:
        """The server's process, while it runs."""
        assert self._process
        return self._process.pid

    def kill(self) -> None:
        """End the server as a power cut would."""
        assert self._process
        self._process.kill()
        self._process.wait()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _environment(self) -> dict[str, str]:
        # MariaDB, when it starts, removes what it finds of temporary tables: in /tmp, also another server's.
        return os.environ | {"TMPDIR": str(self._folder)}

    @property
    def _is_mariadb(self) -> bool:
        return self._program.name == "mariadbd"

    def _initialise(self) -> None:
        if self._is_mariadb:
            command = ["mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db"]
        else:
            command = [str(self._program), "--initialize-insecure"]
        command[1:1] = ["--no-defaults"]
        done = subprocess.run(
            [*command, *_as_this_user(), f"--datadir={self._data}"],
            env=self._environment,
            capture_output=True,
            check=False,
            text=True,
        )
        if done.returncode != 0:
            sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def _as_root(self) -> Any:
        import MySQLdb  # here, because a run on SQLite does without the driver

        return MySQLdb.connect(unix_socket=str(self._socket), user="root")


def _as_this_user() -> list[str]:
    return ["--user=root"] if os.geteuid() == 0 else []


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
