"""Load on a server of HTTP that runs on one processor, from this process on another."""

import os
import select
import socket
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 8  # each asks again as soon as it is answered
PACED_CONNECTIONS = 32  # so many requests may be on their way before one has to wait here
_READ_BYTES = 1 << 18
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Request:
    """The same request, as often as one likes.

    Attributes:
        address: of the server.
        pid: of the server.
        content: its bytes.
        expects: what stands in the body of an answer that is as it should be.
    """

    address: tuple[str, int]
    pid: int
    content: bytes
    expects: bytes = b""


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
def apart() -> Iterator[int]:
    """A processor for the server; this process stays off it meanwhile, where there are two."""
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, processors[1:] or processors)
    try:
        yield processors[0]
    finally:
        os.sched_setaffinity(0, processors)


def post(
    address: tuple[str, int], pid: int, path: str, token: str, body: bytes, expects: bytes = b""
) -> Request:
    """A POST of JSON by who has that token."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n"
        f"Authorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Request(address, pid, head.encode() + body, expects)


def answered(request: Request, seconds: float) -> Answered:
    """How such requests are answered for a while, on several connections at a time.

    Raises:
        SystemExit: one is no success, or the last is not answered as it should be.
    """
    with _connections(request, CONNECTIONS) as connections:
        before = _processor_seconds(request.pid)
        number, took = _asked(connections, seconds)
        used = _processor_seconds(request.pid) - before
    once(request)
    return Answered(number / took, used / number * 1e6)


def paced(request: Request, per_second: float, seconds: float) -> list[float]:
    """How many milliseconds each of so many requests a second takes, in their order.

    They are meant to be sent at even distances, whether those before are answered or not, and each
    is counted from when it was meant to be sent: who waits because the server, or this process,
    has been slow to others is not forgotten.

    Raises:
        SystemExit: as `answered`, or nothing is answered for half a minute.
    """
    number = max(1, int(per_second * seconds))
    with _connections(request, PACED_CONNECTIONS) as connections:
        took = _paced(deque(connections), number, per_second)
    once(request)
    return took


def one_by_one(request: Request, number: int) -> list[float]:
    """How many milliseconds each of so many requests takes, on one connection.

    Raises:
        SystemExit: as `answered`.
    """
    with _connections(request, 1) as (asking,):
        took = []
        for _ in range(number):
            began = time.perf_counter()
            asking.ask()
            while not asking.receive():
                pass
            took.append((time.perf_counter() - began) * 1000)
    return took


def once(request: Request) -> bytes:
    """The body of the answer to one request.

    Raises:
        SystemExit: it is not as it should be.
    """
    with closing(socket.create_connection(request.address, _PATIENCE_SECONDS)) as connection:
        connection.sendall(request.content)
        received, length = b"", None
        while length is None or len(received) < length:
            part = connection.recv(_READ_BYTES)
            if not part:
                break
            received += part
            if length is None and b"\r\n\r\n" in received:
                length = received.index(b"\r\n\r\n") + 4 + _length(received)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200") or request.expects not in body:
        sys.exit(f"the server answered: {received[:300]!r}")
    return body


@contextmanager
def _connections(request: Request, number: int) -> Iterator[list["Asking"]]:
    with ExitStack() as opened:
        yield [
            Asking(
                opened.enter_context(closing(socket.create_connection(request.address))),
                request.content,
            )
            for _ in range(number)
        ]


def _processor_seconds(pid: int) -> float:
    """What a process has used of the processors so far, as proc_pid_stat(5) has it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _asked(connections: list["Asking"], seconds: float) -> tuple[int, float]:
    """How many requests were answered, and in how many seconds."""
    asking = {each.fileno(): each for each in connections}
    with select.epoll() as poll:
        for number, each in asking.items():
            poll.register(number, select.EPOLLIN)
            each.ask()
        number_answered = 0
        began = time.perf_counter()
        while (took := time.perf_counter() - began) < seconds or not number_answered:
            if took > max(seconds, _PATIENCE_SECONDS):
                sys.exit(f"the server answered nothing for {took:.0f} s")
            for number, _ in poll.poll(0.1):
                if asking[number].receive():
                    number_answered += 1
                    asking[number].ask()
    return number_answered, took


def _paced(free: deque["Asking"], number: int, per_second: float) -> list[float]:
    took = [0.0] * number
    asking: dict[int, tuple[Asking, int]] = {}
    sent, missing = 0, number
    began = heard = time.perf_counter()
    while missing:
        now = time.perf_counter()
        while free and sent < number and sent / per_second <= now - began:
            each = free.popleft()
            each.ask()
            asking[each.fileno()] = each, sent
            sent += 1
        due = began + sent / per_second if free and sent < number else now + _PATIENCE_SECONDS
        # Not epoll, whose patience is in whole milliseconds.
        ready, _, _ = select.select(list(asking), (), (), max(0.0, due - time.perf_counter()))
        now = time.perf_counter()
        if ready:
            heard = now
        elif asking and now - heard > _PATIENCE_SECONDS:
            sys.exit(f"the server did not answer for {_PATIENCE_SECONDS:g} s")
        for descriptor in ready:
            each, place = asking[descriptor]
            if each.receive():
                took[place] = (now - began - place / per_second) * 1000
                del asking[descriptor]
                free.append(each)
                missing -= 1
    return took


class Asking:
    """One connection, on which a request follows the other's answer."""

    def __init__(self, connection: socket.socket, content: bytes) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        self._content = content
        self._missing = 0  # bytes of the answer; known when its head has come

    def fileno(self) -> int:
        """The connection's descriptor."""
        return self._connection.fileno()

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
                sys.exit(f"the server answered: {received[:300]!r}")
            self._missing = _length(head) - len(body)
        return not self._missing


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r")[0])
