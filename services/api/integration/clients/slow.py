"""Clients that take their time, to keep an instance's connections for themselves."""

import socket
from collections.abc import Iterator
from contextlib import suppress

from pkg.serving.testing import Served, connect, head

# Little enough to be full soon.
_RECEIVE_BUFFER_BYTES = 4096


class Slow:
    """A client that sends a byte whenever it is told to, and never reads.

    Attributes:
        port: its own.

    Args:
        connection: of its own.
        rest: what it sends, byte by byte; it ends no request.
    """

    def __init__(self, connection: socket.socket, rest: bytes = b"") -> None:
        self.port: int = connection.getsockname()[1]
        self._connection = connection
        self._rest: Iterator[int] = iter(rest)

    def drip(self) -> None:
        """Sends its next byte, if there is one, and nobody has closed the connection."""
        for byte in self._rest:
            with suppress(OSError):
                self._connection.send(bytes([byte]))
            return

    def close(self) -> None:
        """Goes away."""
        self._connection.close()


def idle(at: Served) -> Slow:
    """Connects, and sends nothing."""
    return Slow(connect(at))


def slow_head(at: Served) -> Slow:
    """Begins a request, and never ends its headers."""
    connection = connect(at)
    connection.sendall(b"POST /v2/keys.verifyKey HTTP/1.1\r\nhost: service\r\nx: ")
    return Slow(connection, b"a" * 100_000)


def slow_body(at: Served, root_key: str) -> Slow:
    """Announces a body, and never ends it."""
    connection = connect(at)
    connection.sendall(_head("/v2/keys.verifyKey", root_key, 100_000))
    return Slow(connection, b" " * 99_999)


def unread(at: Served, root_key: str, path: str, body: bytes) -> Slow:
    """Asks for what is long, and reads nothing of it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
    connection.connect(at.address)
    connection.sendall(_head(path, root_key, len(body)) + body)
    return Slow(connection)


def _head(path: str, root_key: str, length: int) -> bytes:
    return head(path, authorization=f"Bearer {root_key}", content_length=str(length))
