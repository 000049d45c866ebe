"""Who waits for a Redis that is away, who asks one that refuses, and what is said of either."""

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
def outage(clock: FakeClock) -> Outage:
    return Outage(
        clock=clock, log=logging.getLogger("test"), who="cache", meanwhile="on without it"
    )


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What was said."""
    caplog.set_level(logging.INFO)
    return lambda: [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    "kind",
    [
        exceptions.ConnectionError,
        exceptions.TimeoutError,
        exceptions.BusyLoadingError,
        exceptions.AuthenticationError,
        exceptions.AuthorizationError,
        exceptions.InvalidResponse,  # something else has its address
    ],
)
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
    outage: Outage, server: Server, clock: FakeClock, lines: Callable[[], list[str]]
) -> None:
    """However long it lasts, and with no credentials."""
    server.error = exceptions.ConnectionError("redis://:hunter2@cache:6379")
    for _ in range(3):
        with pytest.raises(Away):
            outage.ask(server.answer)
        clock.advance(AWAY)
    server.error = None
    for _ in range(3):
        assert outage.ask(server.answer) == "an answer"
    assert lines() == [
        "cache: Redis can't be reached (ConnectionError), on without it",
        "cache: Redis serves again",
    ]


def test_one_that_comes_back_and_lets_nobody_in_is_said_to(
    outage: Outage, server: Server, clock: FakeClock, lines: Callable[[], list[str]]
) -> None:
    """That a password is wrong goes unnoticed at no time; it is one line, too."""
    for error in (
        exceptions.ConnectionError("away"),
        exceptions.AuthenticationError("invalid username-password pair"),
        exceptions.AuthenticationError("invalid username-password pair"),
    ):
        server.error = error
        with pytest.raises(Away):
            outage.ask(server.answer)
        clock.advance(AWAY)
    server.error = None
    assert outage.ask(server.answer) == "an answer"
    assert lines() == [
        "cache: Redis can't be reached (ConnectionError), on without it",
        "cache: Redis lets nobody in (AuthenticationError), on without it",
        "cache: Redis serves again",
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (exceptions.OutOfMemoryError("command not allowed"), "OutOfMemoryError"),
        (exceptions.ReadOnlyError("You can't write against a replica"), "ReadOnlyError"),
        (exceptions.NoPermissionError("this user has no permissions"), "NoPermissionError"),
        (exceptions.MasterDownError("Link with MASTER is down"), "MasterDownError"),
        (exceptions.ResponseError("MISCONF Errors writing to the AOF file"), "MISCONF"),
        (exceptions.ResponseError("NOREPLICAS Not enough good replicas"), "NOREPLICAS"),
        (exceptions.ResponseError("BUSY Redis is busy running a script"), "BUSY"),
        (exceptions.ResponseError("DENIED Redis is running in protected mode"), "DENIED"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_that_refuses_is_asked_each_time_and_it_is_said_once(
    outage: Outage,
    server: Server,
    lines: Callable[[], list[str]],
    error: exceptions.RedisError,
    said: str,
) -> None:
    """What it answers meanwhile ends nothing, but for what it would have refused."""
    for _ in range(3):
        server.error = error
        with pytest.raises(Away):
            outage.ask(server.answer)
        server.error = None
        assert outage.refuses
        assert outage.ask(server.answer, proves=False) == "an answer"
    assert outage.ask(server.answer) == "an answer"
    assert server.asked == 7
    assert lines() == [
        f"cache: Redis refuses ({said}), on without it",
        "cache: Redis serves again",
    ]


def test_one_that_comes_back_and_refuses_is_asked_each_time(
    outage: Outage, server: Server, clock: FakeClock, lines: Callable[[], list[str]]
) -> None:
    """Nobody needs to wait for it any more; and one that goes meanwhile is waited for by one."""
    away, full = exceptions.ConnectionError("away"), exceptions.OutOfMemoryError("full")
    asked = []
    for error in (away, full, away):
        server.error = error
        clock.advance(AWAY)
        for _ in range(3):
            with pytest.raises(Away):
                outage.ask(server.answer)
        asked.append(server.asked)
    assert asked == [1, 4, 5]
    assert lines() == [
        "cache: Redis can't be reached (ConnectionError), on without it",
        "cache: Redis refuses (OutOfMemoryError), on without it",
        "cache: Redis can't be reached (ConnectionError), on without it",
    ]


@pytest.mark.parametrize(
    "error",
    [
        exceptions.ResponseError("WRONGTYPE Operation against a key holding the wrong kind"),
        exceptions.ResponseError("user_script:12: attempt to compare nil with number"),
        exceptions.ResponseError("BUSYKEY Target key name already exists"),
        exceptions.DataError("Invalid input of type: 'dict'"),
    ],
    ids=str,
)
def test_a_mistake_is_raised_and_is_no_outage(
    outage: Outage,
    server: Server,
    clock: FakeClock,
    lines: Callable[[], list[str]],
    error: Exception,
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
    assert lines()[1:] == ["cache: Redis serves again"]


def test_another_error_is_the_callers(outage: Outage, server: Server) -> None:
    """And tells nothing of Redis."""
    server.error = LookupError("mine")
    with pytest.raises(LookupError, match="mine"):
        outage.ask(server.answer)
    server.error = None
    assert outage.ask(server.answer) == "an answer"
