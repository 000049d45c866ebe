"""A service that serves in this process, on a real socket, for tests."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvloop

from pkg.serving.app import App
from pkg.serving.server import listen, serve, url

_SECONDS = 20.0
_ESTABLISHED = "01"  # as the kernel tells it


@dataclass
class Served:
    """A service that serves.

    Attributes:
        url: where.
        http: a client of it.
    """

    url: str
    http: httpx.Client
    _loop: asyncio.AbstractEventLoop
    _stop: asyncio.Event
    _thread: threading.Thread
    _failed: list[BaseException] = field(default_factory=list)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        at = httpx.URL(self.url)
        assert at.port
        return at.host, at.port

    def post(self, path: str, **body: Any) -> httpx.Response:
        """POST of a JSON object."""
        return self.http.post(path, json=body)

    def stop(self) -> None:
        """Tells it to stop, as a signal would."""
        self._loop.call_soon_threadsafe(self._stop.set)

    def join(self) -> None:
        """Waits until it has stopped.

        Raises:
            BaseException: what it has raised.
        """
        self._thread.join()
        for each in self._failed:
            raise each


@contextmanager
def served(app: App, headers: Mapping[str, str] | None = None) -> Iterator[Served]:
    """Serves an application by the real server until the block ends.

    Args:
        app: as `build` has made it.
        headers: that the client sends with each request, such as Authorization.
    """
    at = listen("127.0.0.1", 0)
    where = url(at)
    loop = uvloop.new_event_loop()
    stop = asyncio.Event()
    failed: list[BaseException] = []

    def main() -> None:
        try:
            loop.run_until_complete(serve(app, at, stop))
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=main, name="served")
    # Plain HTTP: the certificates that a client reads for the other kind take it 30 ms.
    client = httpx.Client(
        base_url=where, headers=headers, timeout=30, trust_env=False, verify=False
    )
    with client as http:
        made = Served(where, http, loop, stop, thread, failed)
        thread.start()
        try:
            yield made
        finally:
            made.stop()
            made.join()
            loop.close()


def connect(service: Served) -> socket.socket:
    """A connection that gives up after a while, for what no HTTP library would send."""
    return socket.create_connection(service.address, timeout=_SECONDS)


def head(path: str, method: str = "POST", **headers: str) -> bytes:
    """The beginning of a request; `_` in a header's name stands for `-`."""
    given = {"host": "service", "content_type": "application/json", **headers}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()


def open_connections(service: Served) -> set[int]:
    """The clients' ports of the connections that the service has not closed.

    Who does not read what was sent to it is not told of the end.
    """
    host, port = service.address
    wanted = f"{int.from_bytes(socket.inet_aton(host), 'little'):08X}:{port:04X}"
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    return {
        int(remote.partition(":")[2], 16)
        for _, local, remote, state, *_ in rows
        if local == wanted and state == _ESTABLISHED
    }


@dataclass(frozen=True)
class Raw:
    """What came back until the server closed the connection.

    Attributes:
        content: head and body.
    """

    content: bytes

    @property
    def status(self) -> int:
        """0 if nothing came."""
        return int(self.content[9:12]) if self.content else 0

    @property
    def body(self) -> bytes:
        """What comes after the head."""
        return self.content.partition(b"\r\n\r\n")[2]


def rest(connection: socket.socket) -> Raw:
    """All that comes until the server closes, or resets, the connection.

    Raises:
        TimeoutError: it does not.
    """
    parts = []
    try:
        while part := connection.recv(1 << 16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return Raw(b"".join(parts))
