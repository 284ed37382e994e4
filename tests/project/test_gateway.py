"""The gateway: a request is read whole before it takes a thread, and nobody holds one by being slow."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from wallet_project import gateway
from wallet_project.gateway import MOST_BYTES, Gateway
from wallet_project.refusals import REFUSAL


class Headers:
    """As granian gives them: names in lower case, each as often as it was sent."""

    def __init__(self, *pairs: tuple[str, str]) -> None:
        self._pairs = list(pairs)

    def items(self) -> list[tuple[str, str]]:
        return self._pairs


def scope(*headers: tuple[str, str], path: str = "/users", host: Any = (("host", "localhost"),)) -> Any:
    return SimpleNamespace(
        proto="http",
        http_version="1.1",
        server="127.0.0.1:3000",
        client="[::1]:5000",
        scheme="http",
        method="POST",
        path=path,
        query_string="a=%41",
        authority=None,
        headers=Headers(*host, *headers),
    )


class Caller:
    """The other end of a connection: a body that arrives, and what came back."""

    def __init__(self, body: bytes = b"", *, delay: float = 0, fails: Exception | None = None) -> None:
        self._body, self._delay, self._fails = body, delay, fails
        self.takes: Callable[[bytes], Any] | None = None
        self.got: Any = None

    async def __call__(self) -> bytes:
        await asyncio.sleep(self._delay)
        if self._fails:
            raise self._fails
        return self._body

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.got = (status, headers, body)

    def response_file(self, status: int, headers: Any, path: str) -> None:
        self.got = (status, headers, path)

    def response_stream(self, status: int, headers: Any) -> Any:
        self.got = (status, headers, [])
        return self

    async def send_bytes(self, piece: bytes) -> None:
        if self.takes is not None:
            await self.takes(piece)
        self.got[2].append(piece)


class Echo:
    """A WSGI application that keeps what it was asked."""

    def __init__(self) -> None:
        self.environ: dict[str, Any] = {}

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        self.environ = environ
        start("200 OK", [("A", "b")])
        return [b"<", environ["wsgi.input"].read(), b">"]


def answer(application: Any, caller: Caller, asked: Any) -> Any:
    async def one() -> None:
        served = Gateway(application, threads=2)
        await served.__rsgi__(asked, caller)
        served.__rsgi_del__(None)

    asyncio.run(one())
    return caller.got


def test_a_request_is_handed_on_as_wsgi_has_it() -> None:
    echo = Echo()
    headers = (("content-type", "application/json"), ("content-length", "5"), ("x-two", "a"))
    asked = scope(*headers, ("x-two", "b"), ("cookie", "c=1"), ("cookie", "d=2"), path="/é")
    assert answer(echo, Caller(b"hello"), asked) == (200, [("A", "b")], b"<hello>")
    expected = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/é".encode().decode("latin-1"),
        "QUERY_STRING": "a=%41",
        "REMOTE_ADDR": "::1",
        "SERVER_PORT": "3000",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "5",
        "HTTP_HOST": "localhost",
        "HTTP_X_TWO": "a,b",
        "HTTP_COOKIE": "c=1; d=2",
    }
    assert {name: echo.environ[name] for name in expected} == expected


def test_a_name_with_an_underscore_stands_for_no_other() -> None:
    echo = Echo()
    answer(echo, Caller(), scope(("x_forwarded_for", "1.2.3.4"), ("content_length", "9"), ("authorization_", "x")))
    assert not [name for name in echo.environ if "FORWARDED" in name or "LENGTH" in name or "AUTHORIZATION" in name]


def test_a_request_without_a_host_is_none() -> None:
    echo = Echo()
    answer(echo, Caller(), scope(host=()))
    assert echo.environ[REFUSAL] == 400


def test_a_request_knows_nothing_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://wallet:hunter2@host/wallet")
    echo = Echo()
    answer(echo, Caller(), scope())
    assert "hunter2" not in repr(echo.environ)
    assert "DATABASE_URL" not in echo.environ


def test_a_body_that_does_not_arrive_is_given_up_and_takes_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "BODY_SECONDS", 0.05)
    echo = Echo()
    answer(echo, Caller(b"hello", delay=1), scope(("content-length", "5")))
    assert (echo.environ[REFUSAL], echo.environ["wsgi.input"].read()) == (408, b"")


def test_a_body_that_is_too_large_is_not_read() -> None:
    echo = Echo()
    for path, length in (("/batches", MOST_BYTES + 1), ("/users", 16 * 1024 + 1), ("/wallets/1/credit", MOST_BYTES)):
        answer(echo, Caller(fails=AssertionError("read")), scope(("content-length", str(length)), path=path))
        assert echo.environ[REFUSAL] == 413


def test_all_bodies_together_are_limited_too() -> None:
    echo = Echo()
    served = Gateway(echo, threads=2)

    async def many() -> None:
        slow = [
            asyncio.create_task(
                served.__rsgi__(
                    scope(("content-length", str(MOST_BYTES)), path="/batches"), Caller(b"x" * 10, delay=0.2)
                )
            )
            for _ in range(63)
        ]
        await asyncio.sleep(0.05)
        await served.__rsgi__(scope(("content-length", str(MOST_BYTES)), path="/batches"), Caller(b"x"))
        assert echo.environ[REFUSAL] == 503
        await served.__rsgi__(scope(("content-length", "5")), Caller(b"hello"))
        assert REFUSAL not in echo.environ, "a small one is always read"
        await asyncio.gather(*slow)
        await served.__rsgi__(scope(("content-length", str(MOST_BYTES)), path="/batches"), Caller(b"x"))
        assert REFUSAL not in echo.environ, "and when they have been read, a large one too"

    asyncio.run(many())


def test_a_body_that_is_cut_off_is_none() -> None:
    echo = Echo()
    answer(echo, Caller(fails=ProtocolClosed()), scope(("content-length", "5")))
    assert (echo.environ["wsgi.input"].read(), REFUSAL in echo.environ) == (b"", False)


class Stream:
    """A streamed reply, as Django's: pieces, and somebody who wants to know when it is over."""

    streaming = True

    def __init__(self, pieces: int) -> None:
        self._pieces = pieces
        self.made = self.closed = 0

    def __call__(self, environ: dict[str, Any], start: Any) -> "Stream":
        start("200 OK", [])
        return self

    def __iter__(self) -> Iterator[bytes]:
        for number in range(self._pieces):
            self.made += 1
            yield b"%d" % number

    def close(self) -> None:
        self.closed += 1


def test_a_stream_goes_out_piece_by_piece_and_is_closed() -> None:
    stream = Stream(3)
    assert answer(stream, Caller(), scope()) == (200, [], [b"0", b"1", b"2"])
    assert stream.closed == 1


@pytest.mark.parametrize("how", ["takes nothing", "is gone"])
def test_a_caller_that_takes_no_more_is_left(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "SEND_SECONDS", 0.05)

    async def takes(piece: bytes) -> None:
        if piece == b"1":
            if how == "is gone":
                raise ProtocolClosed
            await asyncio.sleep(5)

    stream, caller = Stream(1000), Caller()
    caller.takes = takes
    assert answer(stream, caller, scope())[2] == [b"0"]
    assert (stream.made, stream.closed) == (2, 1)


def test_a_file_is_left_to_the_server_which_sends_it_no_faster_than_it_is_taken() -> None:
    stream = Stream(3)
    stream.file_to_stream = SimpleNamespace(name="/static/a.css")  # type: ignore[attr-defined]
    assert answer(stream, Caller(), scope(("range", "bytes=0-"))) == (200, [], "/static/a.css")
    assert (stream.made, stream.closed) == (0, 1)


def test_a_part_of_a_file_is_not_asked_for() -> None:
    echo = Echo()
    answer(echo, Caller(), scope(("range", "bytes=0-5")))
    assert "HTTP_RANGE" not in echo.environ


def test_what_is_not_streamed_is_closed_too_also_when_it_fails() -> None:
    class Fails(Stream):
        streaming = False

        def __iter__(self) -> Iterator[bytes]:
            raise RuntimeError

    failing = Fails(1)
    with pytest.raises(RuntimeError):
        answer(failing, Caller(), scope())
    assert failing.closed == 1
