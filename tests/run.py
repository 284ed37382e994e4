"""`make test`: the whole suite on SQLite, then on a real MariaDB or MySQL server. Never skips one silently.

TEST_DATABASE_URL names a server to use instead of a throwaway one. Arguments are handed to pytest.
"""

import os
import subprocess
import sys
import time

from tests.database_server import DatabaseServer, find_server, install_server
from tests.redis_server import find_or_install


def main() -> None:
    """Run the suite twice; the exit code is 0 only when both runs passed."""
    find_or_install()  # before two processes need it at once
    failed = [engine for engine, passed in (("SQLite", _on_sqlite()), ("the server", _on_server())) if not passed]
    if failed:
        sys.exit(f"Tests failed on {' and on '.join(failed)}.")


def _on_sqlite() -> bool:
    return _pytest("SQLite", "")


def _on_server() -> bool:
    if url := os.environ.get("TEST_DATABASE_URL"):
        return _pytest("the server of TEST_DATABASE_URL", url)
    program = find_server() or install_server()
    with DatabaseServer(program) as server:
        return _pytest(program.name, server.url)


def _pytest(engine: str, url: str) -> bool:
    started = time.monotonic()
    print(f"\n=== The suite on {engine} ===", flush=True)  # noqa: T201
    command = [sys.executable, "-m", "pytest", "-n", str(os.cpu_count() or 1), "--dist", "loadgroup", *sys.argv[1:]]
    done = subprocess.run(command, env=os.environ | {"TEST_DATABASE_URL": url}, check=False)
    print(f"=== {engine}: {time.monotonic() - started:.0f} s ===", flush=True)  # noqa: T201
    return done.returncode == 0


if __name__ == "__main__":
    main()
