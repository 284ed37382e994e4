"""A TCP proxy in front of the database that cuts a connection at the worst moment: just before or just after COMMIT."""

import socket
import threading
from contextlib import suppress
from enum import Enum, auto

# A client's packet: three bytes of length, a sequence number, the command COM_QUERY, the statement.
# https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query.html
_COMMIT = b"\x03COMMIT"


class Cut(Enum):
    """When to cut the next connection that commits."""

    BEFORE_COMMIT = auto()
    AFTER_COMMIT = auto()


class Proxy:
    """Forwards loopback connections to the database; `arm` makes it cut the next `times` commits."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._lock = threading.Lock()
        self._cut: Cut | None = None
        self._times = 0
        self._connections: set[_Connection] = set()
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, cut: Cut, times: int = 1) -> None:
        """Cut the next `times` commits."""
        with self._lock:
            self._cut, self._times = cut, times

    def cut_all(self) -> None:
        """Cut every connection there is."""
        with self._lock:
            connections, self._connections = self._connections, set()
        for connection in connections:
            connection.close()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.shutdown(socket.SHUT_RDWR)  # closing alone leaves a waiting accept() one more connection
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target)
            except OSError:  # the database is down
                client.close()
                continue
            connection = _Connection(self, client, server)
            with self._lock:
                self._connections.add(connection)
            threading.Thread(target=connection.forward_requests, daemon=True).start()
            threading.Thread(target=connection.forward_replies, daemon=True).start()

    def take_cut(self, request: bytes) -> Cut | None:
        """The cut that this request gets, if it is a commit and one is armed."""
        with self._lock:
            if self._times == 0 or _COMMIT not in request.upper():
                return None
            self._times -= 1
            self.cuts += 1
            return self._cut


class _Connection:
    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy, self._client, self._server = proxy, client, server
        self._cut_at_reply = False

    def forward_requests(self) -> None:
        while request := _receive(self._client):
            cut = self._proxy.take_cut(request)
            if cut is Cut.BEFORE_COMMIT:
                break
            self._cut_at_reply = cut is Cut.AFTER_COMMIT
            _send(self._server, request)
        self.close()

    def forward_replies(self) -> None:
        while reply := _receive(self._server):
            if self._cut_at_reply:
                break
            _send(self._client, reply)
        self.close()

    def close(self) -> None:
        """Cut it, on both sides."""
        for end in (self._client, self._server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def _receive(end: socket.socket) -> bytes:
    try:
        return end.recv(65536)
    except OSError:
        return b""


def _send(end: socket.socket, data: bytes) -> None:
    with suppress(OSError):
        end.sendall(data)
