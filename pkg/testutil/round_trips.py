"""How often a client has waited for a server: counted on the line between the two."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_HOST = "127.0.0.1"
_BUFFER = 1 << 16


@dataclass
class RoundTrips:
    """What a relay has counted.

    Attributes:
        port: on 127.0.0.1, where the relay takes connections.
        count: how often a client has spoken after the server had. For protocols of question and
            answer it is the number of round trips, of all connections together, whatever a
            question's size, and encrypted or not. A new connection has some of its own.
    """

    port: int
    count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self) -> None:
        """Counts one."""
        with self._lock:
            self.count += 1


@contextmanager
def round_trips(host: str, port: int) -> Iterator[RoundTrips]:
    """Relays connections to a server, and counts their round trips, until the block ends."""
    with socket.create_server((_HOST, 0)) as listening:
        counted = RoundTrips(listening.getsockname()[1])
        lines: list[_Line] = []

        def accept() -> None:
            while True:
                try:
                    client, _ = listening.accept()
                except OSError:  # it is closed
                    return
                try:
                    lines.append(_Line(client, (host, port), counted))
                except OSError:  # no server
                    client.close()

        accepting = threading.Thread(target=accept, name="round-trips", daemon=True)
        accepting.start()
        try:
            yield counted
        finally:
            # Closing it does not wake a thread that waits in it.
            listening.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for line in lines:
                line.close()


class _Line:
    """One connection, and the one to the server that is made for it."""

    def __init__(self, client: socket.socket, server: tuple[str, int], counted: RoundTrips) -> None:
        self._counted = counted
        self._client = client
        self._server = socket.create_connection(server)
        self._server_spoke = True
        for one in (self._client, self._server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._threads = [
            threading.Thread(target=self._move, args=(source, sink), daemon=True)
            for source, sink in (
                (self._client, self._server),
                (self._server, self._client),
            )
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        for one in (self._client, self._server):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for one in (self._client, self._server):
            one.close()

    def _move(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_BUFFER):
                # Noted before it is passed on: whoever answers it has not heard it yet.
                if source is self._server:
                    self._server_spoke = True
                elif self._server_spoke:
                    self._server_spoke = False
                    self._counted.add()
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
