"""Attacks that need a real server: slow callers, bytes that are no request, and what starts in production."""

import json
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from tests.children import environment
from tests.database_server import free_port
from tests.service import USER, Service, serving
from wallet_project.gateway import BODY_SECONDS

HALF = b"POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"


def connected(service: Service, sent: bytes) -> socket.socket:
    caller = socket.create_connection(("127.0.0.1", service.port), timeout=30)
    caller.sendall(sent)
    return caller


def _arrived(caller: socket.socket) -> bytes:
    """What has come back so far."""
    caller.settimeout(0)
    try:
        return caller.recv(4096, socket.MSG_PEEK)
    except BlockingIOError:
        return b""
    finally:
        caller.settimeout(30)


def test_callers_that_send_half_a_request_stop_nobody(database_url: str, tmp_path: Path) -> None:
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    with serving(database_url, tmp_path, THREADS="4") as service:
        # More than granian would have had at a time by itself.
        slow = [connected(service, HALF) for _ in range(1500)]
        start = time.monotonic()
        for _ in range(5):
            assert service.call("GET", "/health/live")[0] == 200
        assert b" 408 " not in _arrived(slow[0]), "they were answered before those who wait were given up"
        assert time.monotonic() - start < BODY_SECONDS
        reply = slow[0].recv(4096)
        assert b" 408 " in reply
        assert b'{"error":"The body did not arrive in time"}' in reply
        assert slow[0].recv(4096) == b"", "and the connection is closed"
        for caller in slow:
            caller.close()
        service.stop(signal.SIGTERM)


def test_bytes_that_are_no_good_request_are_refused_and_leave_nothing(database_url: str, tmp_path: Path) -> None:
    body = json.dumps(USER).encode()
    head = b"Host: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
    length = b"Content-Length: %d\r\n" % len(body)
    attacks = {
        "two lengths": b"POST /users HTTP/1.1\r\n" + head + length + b"Content-Length: 1\r\n\r\n" + body,
        "length and chunks": b"POST /users HTTP/1.1\r\n" + head + length + b"Transfer-Encoding: chunked\r\n\r\n" + body,
        "negative length": b"POST /users HTTP/1.1\r\n" + head + b"Content-Length: -5\r\n\r\n" + body,
        "length in words": b"POST /users HTTP/1.1\r\n" + head + b"Content-Length: five\r\n\r\n" + body,
        "space before the colon": b"POST /users HTTP/1.1\r\n" + head + b"Content-Length : 5\r\n\r\n" + body,
        "folded header": b"POST /users HTTP/1.1\r\n" + head + b"X-A: b\r\n c: d\r\n" + length + b"\r\n" + body,
        "NUL in a header": b"POST /users HTTP/1.1\r\n" + head + b"X-A: b\x00c\r\n" + length + b"\r\n" + body,
        "no host": b"POST /users HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
        + length
        + b"\r\n"
        + body,
        "another's host": b"POST /users HTTP/1.1\r\n"
        + head.replace(b"localhost", b"evil.example")
        + length
        + b"\r\n"
        + body,
        "a length with an underscore": b"POST /users HTTP/1.1\r\n"
        + head
        + b"Content_Length: %d\r\n\r\n" % len(body)
        + body,
        "10 MB": b"POST /users HTTP/1.1\r\n" + head + b"Content-Length: 10485760\r\n\r\n",
        "400 KB of headers": b"POST /users HTTP/1.1\r\n" + head + b"X-A: " + b"a" * 500_000 + b"\r\n\r\n",
        "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
    }
    with serving(database_url, tmp_path) as service:
        for name, request in attacks.items():
            try:
                reply = service.raw(request)
            except (ConnectionError, BrokenPipeError):  # cut while it was still sending
                continue
            assert reply.split(b" ", 2)[1:2] != [b"201"], name
            assert not reply or reply.split(b" ")[1].startswith(b"4"), (name, reply[:200])
        assert service.call("GET", "/users/1")[0] == 404, "nothing was created"
        assert service.call("POST", "/users", USER)[0] == 201, "and it serves as before"
        service.stop(signal.SIGTERM)


def test_production_is_closed_and_a_key_opens_it(database_url: str, tmp_path: Path) -> None:
    production = {"DJANGO_DEBUG": "false", "DJANGO_HTTPS": "false"}
    with serving(database_url, tmp_path, **production) as service:
        assert "The API is closed, and there is no key yet." in service.log.read_text()
        assert service.call("POST", "/users", USER) == (
            401,
            {"error": "Send an API key, as Authorization: Bearer mws_…"},
        )
        key = command(database_url, "create", "shop", "--scopes", "users:write").strip()
        headers = {"Authorization": f"Bearer {key}"}
        assert service.call("POST", "/users", USER, headers)[0] == 201
        assert service.call("GET", "/users/1", None, headers)[0] == 403
        command(database_url, "revoke", key)
        time.sleep(1)
        for _ in range(6):  # whichever of the two workers answers
            assert service.call("POST", "/users", USER, headers)[0] == 401, "a second later, in every process"
        assert key[17:] not in service.log.read_text()
        service.stop(signal.SIGTERM)


def command(url: str, *arguments: str) -> str:
    """What `manage.py api_key` says."""
    done = subprocess.run(
        [sys.executable, "manage.py", "api_key", *arguments],
        cwd=settings.BASE_DIR,
        env=environment(url, DJANGO_HTTPS="false"),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_a_developers_service_says_that_it_is_open(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path) as service:
        assert "The API is open: whoever reaches it may move money, without a key." in service.log.read_text()
        service.stop(signal.SIGTERM)


def test_counters_that_cannot_be_kept_stop_the_start(database_url: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--setup"],
        cwd=settings.BASE_DIR,
        env=environment(database_url, DJANGO_DEBUG="true", PORT=str(free_port()), LIMITS_URL="file:///nowhere/l"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "LIMITS_URL names counters that cannot be used: " in done.stderr
    assert "Traceback" not in done.stderr


def test_the_container_is_run_with_no_more_than_it_needs() -> None:
    assert "\nUSER wallet\n" in (settings.BASE_DIR / "Dockerfile").read_text()
    service = (settings.BASE_DIR / "docker-compose.yml").read_text().partition("\n  mysql:\n")[0]
    for line in ("read_only: true", "no-new-privileges:true", "cap_drop:\n      - ALL"):
        assert line in service
