"""Between the server and Django: a request is read whole before it takes a thread, and nobody holds one by being slow.

Granian hands requests over by its RSGI protocol, in an event loop. Here each is read, with a limit on its size and on
the time that it takes to arrive; then a thread carries it out, as any WSGI server would, and is free again before the
reply has gone out. Forty callers that send half a request would stop a server of forty threads otherwise. Requests that
move money go into a lane (`wallets.lanes`) instead of a thread, where they share commits; those that ask for a balance
into another, where they share queries and wait for nobody's commit.
"""

import asyncio
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]

from wallet_project.refusals import REFUSAL, TOO_MANY
from wallets.lanes import Finished, Lane

# The largest body that any endpoint takes, and a little; each endpoint has a limit of its own.
MOST_BYTES = 1024 * 1024 + 1024
# What no caller can keep others out by: a small body is always read, a large one only where there is use for it.
SMALL_BYTES = 16 * 1024
LARGE_BODIES = ("/batches", "/admin/")
# All large bodies together that one process reads at a time.
MOST_BYTES_TOGETHER = 64 * 1024 * 1024
BODY_SECONDS = 10
# How long a caller may take for each piece of a reply.
SEND_SECONDS = 30

# What is one operation. A batch is a group already, and takes its time.
_GROUPED = re.compile(
    r"/wallets/[^/]*/(credit|debit|holds)|/transfers|/holds/[^/]*/(capture|release)|/transactions/[^/]*/reverse"
)
# What is asked most.
_BALANCE = re.compile(r"/wallets/[^/]*")

Headers = list[tuple[str, str]]


def is_grouped(path: str) -> bool:
    """Whether what is sent to this path shares a commit with others."""
    return _GROUPED.fullmatch(path) is not None


def asks_for_balance(method: str, path: str) -> bool:
    """Whether this is a balance with its newest transactions, which shares a query with others."""
    return method == "GET" and _BALANCE.fullmatch(path) is not None


class Gateway:
    """An RSGI application that serves a WSGI one (PEP 3333) from `threads` threads.

    With `most_in_lane`, what moves money goes into a lane, and is refused where so many are under way in it.
    """

    def __init__(
        self, application: Callable[..., Iterable[bytes]], *, threads: int, most_in_lane: int | None = None
    ) -> None:
        self._application = application
        self._posting: Lane | None = None
        self._reading: Lane | None = None
        self._most_in_lane = most_in_lane
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._bytes = 0

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        environ = _environ(scope)
        refusal = await self._read(scope, protocol, environ) or self._too_busy(scope)
        if refusal:
            environ[REFUSAL] = refusal
        in_thread = partial(asyncio.get_running_loop().run_in_executor, self._threads)
        if lane := None if refusal else self._lane(scope):
            reply = await self._in_lane(lane, environ)
        else:
            reply = await in_thread(_Reply, self._application, environ)
        if reply.pieces is None:
            protocol.response_bytes(reply.status, reply.headers, reply.whole)
            return
        if reply.file is not None:
            # Granian reads it as fast as the caller takes it; what goes through a stream it keeps, however much it is.
            protocol.response_file(reply.status, reply.headers, reply.file)
            await in_thread(reply.close)
            return
        transport = protocol.response_stream(reply.status, reply.headers)
        try:
            while (piece := await in_thread(next, reply.pieces, None)) is not None:
                await asyncio.wait_for(transport.send_bytes(piece), SEND_SECONDS)
        except (ProtocolClosed, TimeoutError):
            return  # the caller has gone, or takes nothing any more
        finally:
            await in_thread(reply.close)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """The worker starts."""

        def settle(finished: Finished) -> None:
            loop.call_soon_threadsafe(_settle, finished)

        self._reading = Lane(settle)
        if self._most_in_lane is not None:
            self._posting = Lane(settle)

    def __rsgi_del__(self, loop: Any) -> None:
        """The worker stops: what lanes and threads still do is finished."""
        for lane in (self._posting, self._reading):
            if lane:
                lane.stop()
        self._threads.shutdown(wait=True)

    def _lane(self, scope: Any) -> Lane | None:
        if is_grouped(scope.path):
            return self._posting
        return self._reading if asks_for_balance(scope.method, scope.path) else None

    def _in_lane(self, lane: Lane, environ: dict[str, Any]) -> "asyncio.Future[_Reply]":
        answered: asyncio.Future[_Reply] = asyncio.get_running_loop().create_future()
        lane.carry_out(answered, partial(_Reply, self._application, environ))
        return answered

    def _too_busy(self, scope: Any) -> int | None:
        full = self._posting and self._most_in_lane is not None and self._posting.under_way >= self._most_in_lane
        return TOO_MANY if full and is_grouped(scope.path) else None

    async def _read(self, scope: Any, protocol: Any, environ: dict[str, Any]) -> int | None:
        """Put the body into `environ`. Answers the status of a refusal, when it is too much, too slow or no request."""
        environ["wsgi.input"] = io.BytesIO()
        if scope.http_version == "1.1" and not environ.get("HTTP_HOST"):
            return 400  # RFC 9112, section 3.2
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if not length or "HTTP_TRANSFER_ENCODING" in environ:
            return None
        large = length > SMALL_BYTES
        if length > MOST_BYTES or (large and not scope.path.startswith(LARGE_BODIES)):
            return 413
        counted = length if large else 0
        if self._bytes + counted > MOST_BYTES_TOGETHER:
            return TOO_MANY
        self._bytes += counted
        try:
            async with asyncio.timeout(BODY_SECONDS):
                environ["wsgi.input"] = io.BytesIO(await protocol())
        except TimeoutError:
            return 408
        except ProtocolClosed:
            return None  # cut off: what is there, nothing, is shorter than its Content-Length
        finally:
            self._bytes -= counted
        return None


def _settle(finished: Finished) -> None:
    for answered, reply, error in finished:
        if answered.done():
            continue  # nobody waits for it any more
        if error is None:
            answered.set_result(reply)
        else:
            answered.set_exception(error)


class _Reply:
    """What the application answered: the whole of it, or its pieces where it is streamed."""

    def __init__(self, application: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> None:
        self.status = 500
        self.headers: Headers = []
        self.pieces: Iterator[bytes] | None = None
        self.whole = b""
        self.file: str | None = None
        self._answered = application(environ, self._start)
        if getattr(self._answered, "streaming", False):
            self.pieces = iter(self._answered)
            name = getattr(getattr(self._answered, "file_to_stream", None), "name", None)
            self.file = name if isinstance(name, str) else None
        else:
            try:
                self.whole = b"".join(self._answered)
            finally:
                self.close()

    def _start(self, status: str, headers: Headers, exc_info: object = None) -> None:
        self.status = int(status[:3])
        self.headers = headers

    def close(self) -> None:
        """Tell the application that its answer is out, or will not be."""
        close = getattr(self._answered, "close", None)
        if close is not None:
            close()


_CONSTANT = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multiprocess": True,
    "wsgi.multithread": True,
    "wsgi.run_once": False,
    "wsgi.version": (1, 0),
}


def _environ(scope: Any) -> dict[str, Any]:
    """A request's WSGI environment. It holds nothing of this process's own environment, and so no secret."""
    server, _, port = scope.server.rpartition(":")
    environ = _CONSTANT | {
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),  # as PEP 3333 wants it
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.url_scheme": scope.scheme,
    }
    if scope.authority:
        environ["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        if name == "range":
            continue  # files are small, and sent whole: a part of one would go through a stream
        if "_" in name:
            continue  # it would stand for the one with a dash, which a proxy may have taken out (CVE-2015-0219)
        key = name.upper().replace("-", "_")
        if key in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            environ[key] = value
        else:
            key = f"HTTP_{key}"
            separator = "; " if key == "HTTP_COOKIE" else ","
            environ[key] = f"{environ[key]}{separator}{value}" if key in environ else value
    return environ
