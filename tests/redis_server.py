"""A throwaway Redis server on a port of its own."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.database_server import free_port
from tests.packages import apt_install

# Debian's program has both names. The package redis-tools has it under the second, and starts no service.
_PROGRAMS = ("redis-server", "redis-check-rdb")
PACKAGES = ["redis-tools"]


def find_or_install() -> str:
    """The server's program, installed where that is allowed; or the end, with what to do."""
    for install in (False, True):
        if install:
            apt_install(PACKAGES, why="to count requests in a real Redis")
        for name in _PROGRAMS:
            if found := shutil.which(name):
                return found
    return sys.exit(f"The tests need a Redis server program. Install one: apt-get install {' '.join(PACKAGES)}")


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The URL of a Redis that runs until the end of the block; it may take a moment until it answers."""
    port = free_port()
    arguments = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(arguments, executable=find_or_install(), stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()
