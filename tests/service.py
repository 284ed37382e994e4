"""The service as a real process with real sockets, for tests that need one."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.children import environment
from tests.database_server import free_port

START_SECONDS = 30
USER = {"userId": 1, "user_name": "A", "user_email": "a@b.cd", "user_phone": "1"}


class Service:
    """A running `manage.py serve --setup`, with two workers; `more` is what else stands in its environment."""

    def __init__(self, url: str, tmp_path: Path, **more: str) -> None:
        self.port = free_port()
        self.log = tmp_path / "serve.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--setup"],
                cwd=settings.BASE_DIR,
                env=environment(
                    url,
                    **{"DJANGO_DEBUG": "true", "PORT": str(self.port), "WORKERS": "2"}
                    | {"LIMITS_URL": f"file://{tmp_path}/limits.sqlite3"}
                    | more,
                ),
                stdout=log,
                stderr=log,
                start_new_session=True,  # a group of its own, to send signals to as a terminal does
            )
        self._wait_until_ready()

    def call(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        """One call with a JSON body; the status and the reply's JSON."""
        status, text = self.send(method, path, None if body is None else json.dumps(body).encode(), headers)
        return status, json.loads(text)

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One call on a connection of its own."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as caller:
            caller.request(method, path, body, {"Content-Type": "application/json", **(headers or {})})
            reply = caller.getresponse()
            return reply.status, reply.read()

    def raw(self, request: bytes, *, cut_off: bool = False) -> bytes:
        """The reply to these bytes; `cut_off` says that no more will come."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as caller:
            caller.sendall(request)
            if cut_off:
                caller.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: caller.recv(65536), b""))

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        workers = [int(pid) for pid in children if b"resource_tracker" not in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(workers) == 2
        return workers

    def stop(self, how: signal.Signals) -> int:
        """Signal the whole group, as Ctrl-C in a terminal or a service manager does; the exit code."""
        os.killpg(self.process.pid, how)
        return self.process.wait(40)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.call("GET", "/health/ready")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the service did not start:\n{self.log.read_text()}")


@contextmanager
def serving(url: str, tmp_path: Path, **more: str) -> Iterator[Service]:
    """A service that runs until the end of the block, at the latest."""
    service = Service(url, tmp_path, **more)
    try:
        yield service
    finally:
        if service.process.poll() is None:
            os.killpg(service.process.pid, signal.SIGKILL)
            service.process.wait()
