"""A server without a container for tests of the proxy, and its clients."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from pkg.dockertest.faults.proxy import Proxy

TARGET = 7
HOST = "127.0.0.1"


class EchoServer:
    """Says what it is told, and ends after its client has."""

    def __init__(self) -> None:
        self._listener = socket.create_server((HOST, 0), backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    def _serve(self, one: socket.socket) -> None:
        with closing(one):
            try:
                while data := one.recv(1 << 16):
                    one.sendall(data)
            except OSError:
                pass

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def server() -> Iterator[EchoServer]:
    """Ends with its test."""
    with closing(EchoServer()) as server:
        yield server


@pytest.fixture
def proxy(server: EchoServer) -> Iterator[Proxy]:
    """In front of the server."""
    with closing(Proxy({TARGET: server.port})) as proxy:
        yield proxy


def connect(proxy: Proxy, timeout: float = 10.0) -> socket.socket:
    """A new client."""
    return socket.create_connection((HOST, proxy.ports[TARGET]), timeout)


def received(one: socket.socket, size: int | None = None) -> bytes:
    """So many bytes, or all until the end."""
    data = bytearray()
    while size is None or len(data) < size:
        piece = one.recv(1 << 18)
        if not piece:
            break
        data += piece
    return bytes(data)


def asked(one: socket.socket, data: bytes = b"ping") -> bytes:
    """What comes back for data."""
    one.sendall(data)
    return received(one, len(data))


def round_trip(one: socket.socket) -> float:
    """The seconds that an answer takes."""
    began = time.monotonic()
    assert asked(one) == b"ping"
    return time.monotonic() - began


def exchanged(proxy: Proxy, data: bytes, seed: int = 0) -> bytes:
    """What comes back when data goes there in random pieces, followed by the client's end."""
    chance = random.Random(seed)
    with connect(proxy, 60.0) as one:

        def send() -> None:
            at = 0
            while at < len(data):
                size = chance.choice((1, 7, 1000, 65536, 1 << 20))
                one.sendall(data[at : at + size])
                at += size
            one.shutdown(socket.SHUT_WR)

        with ThreadPoolExecutor(1) as pool:
            sending = pool.submit(send)
            back = received(one)
            sending.result()
    return back
