"""Who waits for a Redis that is away, and what is said of it."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import exceptions

from pkg.clock import FakeClock
from pkg.outage import AWAY, Away, Outage


class Server:
    """Answers, or raises `error` when there is one; counts how often it was asked."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.asked = 0

    def answer(self) -> str:
        self.asked += 1
        if self.error:
            raise self.error
        return "an answer"


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def ends() -> list[str]:
    return []


@pytest.fixture
def outage(clock: FakeClock, ends: list[str]) -> Outage:
    return Outage(
        clock=clock,
        log=logging.getLogger("test"),
        who="cache",
        meanwhile="on without it",
        ended=lambda: ends.append("ended"),
    )


@pytest.mark.parametrize("kind", [exceptions.ConnectionError, exceptions.TimeoutError])
def test_one_call_finds_out_and_the_next_do_not_ask(
    outage: Outage, server: Server, clock: FakeClock, kind: Callable[[str], Exception]
) -> None:
    """Until a second of the clock has passed; then one asks again."""
    server.error = kind("away")
    for _ in range(20):
        with pytest.raises(Away):
            outage.ask(server.answer)
    assert server.asked == 1
    clock.advance(AWAY)
    for _ in range(20):
        with pytest.raises(Away):
            outage.ask(server.answer)
    assert server.asked == 2


def test_while_one_asks_again_the_others_do_not_wait(
    outage: Outage, server: Server, clock: FakeClock
) -> None:
    """A server that hangs keeps one caller in a second."""
    server.error = exceptions.TimeoutError("away")
    with pytest.raises(Away):
        outage.ask(server.answer)
    clock.advance(AWAY)
    begun, may_end = threading.Event(), threading.Event()

    def hang() -> str:
        begun.set()
        may_end.wait(30)
        return "late"

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(outage.ask, hang)
        assert begun.wait(30)
        with pytest.raises(Away):
            outage.ask(server.answer)
        may_end.set()
        assert asking.result() == "late"
    server.error = None
    assert outage.ask(server.answer) == "an answer"


def test_its_begin_and_its_end_are_a_line_each(
    outage: Outage,
    server: Server,
    clock: FakeClock,
    ends: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """However long it lasts, and with no credentials; who asks is told of the end."""
    caplog.set_level(logging.INFO)
    server.error = exceptions.ConnectionError("redis://:hunter2@cache:6379")
    for _ in range(3):
        with pytest.raises(Away):
            outage.ask(server.answer)
        clock.advance(AWAY)
    server.error = None
    assert ends == []
    for _ in range(3):
        assert outage.ask(server.answer) == "an answer"
    assert ends == ["ended"]
    assert [record.getMessage() for record in caplog.records] == [
        "cache: Redis can't be reached (ConnectionError), on without it",
        "cache: Redis is reached again",
    ]


@pytest.mark.parametrize(
    "error",
    [
        exceptions.AuthenticationError("wrong password"),
        exceptions.AuthorizationError("not allowed"),
        exceptions.OutOfMemoryError("full"),
        exceptions.ReadOnlyError("a replica"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_redis_refuses_is_raised_and_is_no_outage(
    outage: Outage, server: Server, clock: FakeClock, error: Exception
) -> None:
    """Each time, also as the first answer after one."""
    server.error = exceptions.ConnectionError("away")
    with pytest.raises(Away):
        outage.ask(server.answer)
    clock.advance(AWAY)
    server.error = error
    for _ in range(2):
        with pytest.raises(type(error)):
            outage.ask(server.answer)


def test_another_error_is_the_callers(outage: Outage, server: Server) -> None:
    """And tells nothing of Redis."""
    server.error = LookupError("mine")
    with pytest.raises(LookupError, match="mine"):
        outage.ask(server.answer)
    server.error = None
    assert outage.ask(server.answer) == "an answer"
