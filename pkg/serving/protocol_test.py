"""Which clients are cut off because of what they do not read, or do not end."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, cast

import pytest
import uvicorn
from litestar.types import Receive, Scope, Send
from uvicorn.server import ServerState

from pkg.serving import Limits
from pkg.serving.example import SHAPE
from pkg.serving.gate import HalfAnswered
from pkg.serving.protocol import MOST_WAITING, Protocol, limited

LIMITS = Limits(deadline=2, header_timeout=1, idle_timeout=50)
GET = b"GET / HTTP/1.1\r\n\r\n"
POST = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"


class Timer:
    """A call that is made when the test says that its time has come."""

    def __init__(self, delay: float, call: Callable[[], object]) -> None:
        self.delay = delay
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        """Makes it never."""
        self.cancelled = True


class Loop:
    """Keeps timers, and what is at work."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []
        self.tasks: list[Coroutine[Any, Any, None]] = []

    def call_later(self, delay: float, call: Callable[[], object]) -> Timer:
        """Keeps a call."""
        self.timers.append(Timer(delay, call))
        return self.timers[-1]

    def create_task(self, coroutine: Coroutine[Any, Any, None]) -> "asyncio.Future[None]":
        """The request stays at work."""
        self.tasks.append(coroutine)
        return asyncio.Future(loop=cast("asyncio.AbstractEventLoop", self))

    def get_debug(self) -> bool:
        """What a future asks for."""
        return False

    def pass_time(self, seconds: float) -> None:
        """Makes the calls that wait for no longer than that."""
        due = [each for each in self.timers if each.delay <= seconds]
        self.timers = [each for each in self.timers if each not in due]
        for each in due:
            if not each.cancelled:
                each.call()


class Transport(asyncio.Transport):
    """A connection whose client has read all but so many bytes.

    Attributes:
        unread: how many.
        aborted: whether the client was cut off.
        written: what was sent.
    """

    unread = 0
    aborted = False
    written = b""

    def get_write_buffer_size(self) -> int:
        """What the client has not read."""
        return self.unread

    def is_closing(self) -> bool:
        """Whether it was cut off."""
        return self.aborted

    def abort(self) -> None:
        """Cuts the client off."""
        self.aborted = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Sends."""
        self.written += data

    def close(self) -> None:
        """Does nothing."""

    def pause_reading(self) -> None:
        """Does nothing."""

    def resume_reading(self) -> None:
        """Does nothing."""


class Connection:
    """A connection to the protocol, as its loop and its client see it."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.transport = Transport()
        config = uvicorn.Config(half, interface="asgi3", log_config=None)
        self._protocol: Protocol = limited(LIMITS, SHAPE, lambda: "id")(
            config, ServerState(), {}, cast("asyncio.AbstractEventLoop", self.loop)
        )
        self._protocol.connection_made(self.transport)

    def close(self) -> None:
        """What is at work never ends."""
        for each in self.loop.tasks:
            each.close()

    def ask(self, data: bytes = GET) -> None:
        """The client sends."""
        self._protocol.data_received(data)

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Those of the latest request, as the application has them."""
        return list(self._protocol.cycle.scope["headers"])

    def answered(self, unread: int) -> None:
        """The application has sent all of its answer, of which the client has not read so much."""
        self.transport.unread = unread
        self._protocol.cycle.response_complete = True
        self._protocol.on_response_complete()

    def broken(self, unread: int) -> None:
        """The application has failed behind the head of its answer."""
        self.transport.unread = unread
        with pytest.raises(StopIteration):
            self.loop.tasks.pop().send(None)

    def pause(self, unread: int) -> None:
        """The client reads slower than the application sends."""
        self.transport.unread = unread
        self._protocol.pause_writing()


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A new one."""
    connection = Connection()
    yield connection
    connection.close()


async def half(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that does not end its answers."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise HalfAnswered


def test_who_leaves_an_answer_unread_is_cut_off(connection: Connection) -> None:
    """When the deadline has passed once more."""
    connection.ask()
    connection.answered(unread=100)
    connection.loop.pass_time(LIMITS.deadline)
    assert connection.transport.aborted


def test_who_leaves_half_an_answer_unread_is_cut_off(connection: Connection) -> None:
    """The server closes the connection, which by itself would wait until all is read."""
    connection.ask()
    connection.broken(unread=100)
    connection.loop.pass_time(LIMITS.deadline)
    assert connection.transport.aborted


def test_who_reads_nothing_of_an_answer_that_goes_out_is_cut_off(connection: Connection) -> None:
    connection.ask()
    connection.pause(unread=100)
    connection.loop.pass_time(LIMITS.deadline)
    assert connection.transport.aborted


def test_who_has_read_its_answer_has_all_the_time_for_the_next(connection: Connection) -> None:
    """What is in the buffer when the first one's time is over is another answer."""
    connection.ask()
    connection.answered(unread=100)
    connection.transport.unread = 0
    connection.ask()
    connection.transport.unread = 100  # a part of the second answer
    connection.loop.pass_time(LIMITS.deadline)
    assert not connection.transport.aborted
    connection.answered(unread=100)
    connection.loop.pass_time(LIMITS.deadline)
    assert connection.transport.aborted


def test_who_asks_on_and_reads_nothing_is_cut_off(connection: Connection) -> None:
    """A further request is no sign of life."""
    connection.ask()
    connection.answered(unread=100)
    connection.ask()
    connection.loop.pass_time(LIMITS.deadline)
    assert connection.transport.aborted


@pytest.mark.parametrize(
    "before",
    [
        GET + GET[:-2] + b"x: ",
        POST + b"1\r\na\r\n0\r\nx: ",
        POST + b"1;x=",
        POST + b"1\r\na\r\n0\r\n\r\n" + GET[:-2] + b"x: ",
    ],
)
def test_a_header_without_end_is_not_kept(connection: Connection, before: bytes) -> None:
    """Behind a request that is still at work, in a trailer, or in a chunk's extension."""
    connection.ask(before)
    half = LIMITS.max_header_bytes // 2
    connection.ask(b"a" * half)
    assert not connection.transport.written
    connection.ask(b"a" * half)
    connection.ask(b"a")
    assert connection.transport.written.startswith(b"HTTP/1.1 400 ")


def test_a_long_body_is_no_header(connection: Connection) -> None:
    """Whatever the parts in which it comes."""
    connection.ask(POST)
    part = bytes(LIMITS.max_header_bytes)
    for _ in range(3):
        connection.ask(b"%x\r\n" % len(part) + part[1:])
        connection.ask(part[:1] + b"\r\n")
    assert not connection.transport.written


def test_a_head_is_counted_as_it_comes(connection: Connection) -> None:
    """With what is between names and values, of which many short headers mostly are."""
    connection.ask(GET[:-2] + b"a:\r\n" * (LIMITS.max_header_bytes // 4) + b"\r\n")
    assert connection.transport.written.startswith(b"HTTP/1.1 400 ")


def test_what_comes_behind_a_body_is_no_header(connection: Connection) -> None:
    """It would pass what stands before the instance, and only looks at the head."""
    connection.ask(POST[:-2] + b"x: 1\r\n\r\n" + b"1\r\na\r\n0\r\nauthorization: x\r\n\r\n")
    assert dict(connection.headers) == {b"transfer-encoding": b"chunked", b"x": b"1"}
    assert not connection.transport.written


def test_requests_that_wait_for_the_one_before_are_bounded(connection: Connection) -> None:
    """Each takes a hundred times the bytes that it is sent in."""
    connection.ask(GET * (1 + MOST_WAITING))
    assert not connection.transport.written
    connection.ask(GET)
    assert connection.transport.written.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("length", [b"content-length: 18", b"transfer-encoding: chunked"])
def test_a_body_behind_an_upgrade_is_refused(connection: Connection, length: bytes) -> None:
    """The parser would take it for the next request."""
    head = b"POST / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\n" + length
    connection.ask(head + b"\r\n\r\n")
    assert connection.transport.written.startswith(b"HTTP/1.1 400 ")


def test_an_upgrade_is_ignored_otherwise(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    """And is no line in the log."""
    connection.ask(GET[:-2] + b"connection: upgrade\r\nupgrade: websocket\r\n\r\n")
    assert not connection.transport.written
    connection.answered(unread=0)
    connection.ask()
    assert not connection.transport.written
    assert not caplog.records
