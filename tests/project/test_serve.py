"""`manage.py serve`, as a person or a service manager runs it: a real process, real sockets, real signals."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.children import SECRET
from tests.database_server import free_port
from tests.service import USER, Service, serving


def test_it_says_where_everything_is_and_shows_the_first_password_once(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as service:
        said = service.log.read_text()
        assert f"Mini Wallet Service on {'SQLite' if database_url.startswith('sqlite') else 'MySQL'} (" in said
        assert f"API            http://localhost:{service.port}\n" in said
        assert f"documentation  http://localhost:{service.port}/docs\n" in said
        assert f"admin          http://localhost:{service.port}/admin/" in said
        password = re.search(r"password  (\S{16})\n", said)
        assert password
        assert service.call("POST", "/users", USER)[0] == 201
        assert service.stop(signal.SIGINT) == 0
    with serving(database_url, tmp_path) as service:
        assert service.log.read_text().count(password[1]) == 1
        assert service.log.read_text().count("password  ") == 1
        assert service.call("POST", "/users", USER)[0] == 409, "the data survives a restart"
        assert service.stop(signal.SIGTERM) == 0
        assert service.log.read_text().endswith("Stopped.\n")


@contextmanager
def wallet_locked(url: str) -> Iterator[None]:
    """Hold what a debit of wallet 1 waits for."""
    if url.startswith("sqlite"):
        import sqlite3

        holder: Any = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
    else:
        import MySQLdb
        from environ import Env

        config = Env.db_url_config(url)
        holder = MySQLdb.connect(
            host=config["HOST"],
            port=config["PORT"],
            user=config["USER"],
            password=config["PASSWORD"],
            database=config["NAME"],
        )
        holder.cursor().execute("SELECT 1 FROM wallets WHERE user_id = 1 FOR UPDATE")
    yield
    holder.rollback()
    holder.close()


@pytest.mark.parametrize("how", ["Ctrl-C", "SIGTERM to all", "signals without end"])
def test_ten_requests_in_flight_are_all_answered_when_it_is_told_to_stop(
    database_url: str, tmp_path: Path, how: str
) -> None:
    with serving(database_url, tmp_path) as service:
        service.call("POST", "/users", USER)
        service.call("POST", "/wallets", {"userId": 1})

        def credit(number: int) -> tuple[int, Any]:
            return service.call("POST", "/wallets/1/credit", {"amount": 1, "referenceId": f"r{number}"})

        with ThreadPoolExecutor(10) as callers:
            with wallet_locked(database_url):
                replies = [callers.submit(credit, number) for number in range(10)]
                time.sleep(1)
                assert not any(reply.done() for reply in replies)
                if how == "signals without end":
                    for _ in range(200):
                        for worker in service.workers():
                            os.kill(worker, signal.SIGINT)
                    os.kill(service.process.pid, signal.SIGTERM)
                else:
                    os.killpg(service.process.pid, signal.SIGINT if how == "Ctrl-C" else signal.SIGTERM)
                time.sleep(0.5)
            answers = [reply.result() for reply in replies]
        assert service.process.wait(40) == 0
    assert [status for status, _ in answers] == [200] * 10
    assert sorted(body["balance"] for _, body in answers) == list(range(1, 11))


def test_a_worker_that_is_killed_is_replaced_and_what_it_answered_stays(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as service:
        service.call("POST", "/users", USER)
        service.call("POST", "/wallets", {"userId": 1})
        assert service.call("POST", "/wallets/1/credit", {"amount": 5, "referenceId": "r"})[0] == 200
        for worker in service.workers():
            os.kill(worker, signal.SIGKILL)
        deadline = time.monotonic() + 20
        answer = None
        while answer is None and time.monotonic() < deadline:
            try:
                answer = service.call("GET", "/wallets/1")
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
        assert answer is not None
        assert answer[1]["balance"] == 5
        service.stop(signal.SIGTERM)


def test_cut_bodies_odd_headers_odd_paths_and_static_files_are_served(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as service:
        body = json.dumps(USER).encode()
        # All at once: it is refused before its end is read, and a caller still sending would see the connection reset.
        chunked = service.raw(
            b"POST /users HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        )
        assert b" 411 " in chunked
        assert b'{"error":"Send the body with a Content-Length, not in chunks"}' in chunked
        half = (
            b"POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n"
        )
        assert service.raw(half + body, cut_off=True).endswith(b'{"error":"Body is shorter than its Content-Length"}')
        assert service.call("POST", "/wallets", {"userId": 1})[0] == 404, "half a request created nothing"
        for header in (
            b"Content-Type: application/json; charset*=bogus''%41",
            b"Content-Type: text/html; charset=hex",
            b"Accept: x/y; a*=bogus''%41, application/problem+json",
        ):
            reply = service.raw(
                b"GET /wallets/9?a=%41 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header + b"\r\n\r\n"
            )
            assert reply.endswith(b'{"error":"Wallet not found"}'), header
        for path in ("//users", "/users%2F", "/users%00", "/wallets/%31/", "/%FF", "/users/../users"):
            assert service.call("GET", path) == (404, {"error": "Not found"}), path
        assert service.call("GET", "/wallets/%31") == (404, {"error": "Wallet not found"})
        status, script = service.send("GET", "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js")
        assert (status, len(script) > 100_000) == (200, True)
        service.stop(signal.SIGTERM)


def refused_to_serve(**environment: str) -> str:
    """What `manage.py serve` says when it does not start."""
    done = subprocess.run(
        [sys.executable, "manage.py", "serve"],
        env={
            "ENV_FILE": "/dev/null",
            "DJANGO_SECRET_KEY": SECRET,
            "PORT": str(free_port()),
            **environment,
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr


def test_a_port_that_is_taken_is_said_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused_to_serve(PORT=str(port)) == (
            f"CommandError: Cannot listen on 127.0.0.1:{port}: Address already in use. "
            "Set another PORT (or HOST) in the environment or in .env.\n"
        )


def test_a_database_that_cannot_be_opened_is_said_in_one_sentence() -> None:
    assert refused_to_serve(DATABASE_URL="sqlite:////no/such/folder/wallet.sqlite3") == (
        "CommandError: Cannot open the database that DATABASE_URL names: unable to open database file.\n"
    )


@pytest.mark.engine("mysql")
def test_a_database_server_that_is_not_there_is_said_in_one_sentence() -> None:
    said = refused_to_serve(DATABASE_URL=f"mysql://u:p@127.0.0.1:{free_port()}/wallet")
    assert re.fullmatch(r"CommandError: Cannot open the database that DATABASE_URL names: Can't connect .*\n", said)


def test_without_setup_missing_migrations_are_said(tmp_path: Path) -> None:
    said = refused_to_serve(DATABASE_URL=f"sqlite:///{tmp_path / 'new.sqlite3'}")
    assert re.fullmatch(r"CommandError: \d+ migrations are not applied: run manage.py migrate, .*\n", said)


def test_two_that_set_up_the_same_new_database_at_once_both_start(database_url: str, tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(2) as starters:
        services = list(starters.map(lambda folder: Service(database_url, folder), folders))
    try:
        assert [service.call("GET", "/health/ready")[0] for service in services] == [200, 200]
        assert sum("password  " in service.log.read_text() for service in services) == 1
    finally:
        for service in services:
            service.stop(signal.SIGTERM)
