"""A vault that serves on one processor, and clients on another that keep it busy."""

import json
import os
import select
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.vault.inside import PLAINTEXT
from benchmarks.vault.serve import EMPTY, TOKEN
from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3
from pkg.testutil.processes import line, python
from services.vault.client import VaultClient
from services.vault.wire import DecryptRequest, EncryptBulkRequest, EncryptRequest

CONNECTIONS = 8
_KEYRING = "payments"
_READ_BYTES = 1 << 18
_SERVE = "from benchmarks.vault import serve; serve.main()"


@dataclass(frozen=True)
class Request:
    """The same request, as often as one likes.

    Attributes:
        address: of the server.
        pid: of the server.
        content: its bytes.
    """

    address: tuple[str, int]
    pid: int
    content: bytes


@dataclass(frozen=True)
class Answered:
    """How a server answers.

    Attributes:
        per_second: requests; where the clients are not quicker than the server, theirs.
        processor_us: microseconds of the server's processor for each request.
    """

    per_second: float
    processor_us: float


@contextmanager
def serving(items: int) -> Iterator[list[Request]]:
    """A vault that serves, and the requests: empty, encrypt, decrypt, encrypt so many in bulk.

    This process stays off the server's processor meanwhile, where there are two.
    """
    processors = sorted(os.sched_getaffinity(0))
    with Scope() as scope:
        s3 = scope.start(S3(buckets=["vault"]))
        told = {
            "processor": processors[0],
            "s3_url": s3.url,
            "s3_access_key_id": s3.access_key_id,
            "s3_secret_access_key": s3.secret_access_key,
        }
        with python(_SERVE) as server:
            assert server.stdin
            server.stdin.write(json.dumps(told) + "\n")
            server.stdin.flush()
            url = line(server)
            host, _, port = url.removeprefix("http://").rpartition(":")
            at = (host, int(port))
            with VaultClient(url, TOKEN) as client:
                ciphertext = client.encrypt(_KEYRING, PLAINTEXT)
            os.sched_setaffinity(0, processors[1:] or processors)
            try:
                yield [
                    _request(at, server.pid, EMPTY, msgspec.json.encode({})),
                    _request(
                        at, server.pid, "/v1/encrypt", _json(EncryptRequest(_KEYRING, PLAINTEXT))
                    ),
                    _request(
                        at, server.pid, "/v1/decrypt", _json(DecryptRequest(_KEYRING, ciphertext))
                    ),
                    _request(
                        at,
                        server.pid,
                        "/v1/encryptBulk",
                        _json(EncryptBulkRequest(_KEYRING, [PLAINTEXT] * items)),
                    ),
                ]
            finally:
                os.sched_setaffinity(0, processors)


def answered(request: Request, seconds: float) -> Answered:
    """How such requests are answered for a while, on several connections at a time."""
    connections = [socket.create_connection(request.address) for _ in range(CONNECTIONS)]
    try:
        before = _processor_seconds(request.pid)
        number, took = _asked(request.content, connections, seconds)
        used = _processor_seconds(request.pid) - before
        return Answered(number / took, used / number * 1e6)
    finally:
        for each in connections:
            each.close()


def _processor_seconds(pid: int) -> float:
    """What a process has used of the processors so far, as proc_pid_stat(5) has it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _asked(content: bytes, connections: list[socket.socket], seconds: float) -> tuple[int, float]:
    """How many requests were answered, and in how many seconds."""
    asking = {each.fileno(): Asking(each, content) for each in connections}
    with select.epoll() as poll:
        for number, each in asking.items():
            poll.register(number, select.EPOLLIN)
            each.ask()
        number_answered = 0
        began = time.perf_counter()
        while (now := time.perf_counter()) - began < seconds:
            for number, _ in poll.poll(0.1):
                if asking[number].receive():
                    number_answered += 1
                    asking[number].ask()
    return number_answered, now - began


class Asking:
    """One connection, on which a request follows the other's answer."""

    def __init__(self, connection: socket.socket, content: bytes) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        self._content = content
        self._missing = 0  # bytes of the answer; known when its head has come

    def ask(self) -> None:
        """Sends the request."""
        self._connection.sendall(self._content)
        self._missing = 0

    def receive(self) -> bool:
        """Receives what has come, and says whether the answer is whole.

        Raises:
            SystemExit: it is no success: what is measured would be something else.
        """
        received = self._connection.recv(_READ_BYTES)
        if self._missing:
            self._missing -= len(received)
        else:
            # A head of some hundred bytes comes in one piece over the loopback interface.
            head, end, body = received.partition(b"\r\n\r\n")
            if not end or not head.startswith(b"HTTP/1.1 200"):
                sys.exit(f"the vault answered: {received[:300]!r}")
            length = head.lower().partition(b"content-length:")[2].partition(b"\r")[0]
            self._missing = int(length) - len(body)
        return not self._missing


def _json(body: msgspec.Struct) -> bytes:
    return msgspec.json.encode(body)


def _request(at: tuple[str, int], pid: int, path: str, body: bytes) -> Request:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {at[0]}:{at[1]}\r\nAuthorization: Bearer {TOKEN}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Request(at, pid, head.encode() + body)
