"""A way to have a server: what is measured of it, and how long each step took."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks import work


def _nothing(_service: str) -> None:
    pass


@dataclass(frozen=True)
class Started:
    """A server that somebody has started.

    Attributes:
        server: its connection facts.
        end: ends it, as a test's end does.
        settle: waits until nothing of it is left to be done.
    """

    server: Any
    end: Callable[[], None]
    settle: Callable[[], None]


@dataclass(frozen=True)
class Way:
    """A way to have a service's server.

    Attributes:
        start: starts one; it answers when this returns.
        prepare: what a run of tests has done earlier, and no test waits for.
    """

    name: str
    start: Callable[[str], Started]
    prepare: Callable[[str], None] = _nothing


@dataclass(frozen=True)
class Times:
    """One server's times in milliseconds.

    Attributes:
        start: until `start` had returned.
        ready: until it had done its first real work.
        end: what the test's end waited for.
    """

    start: float
    ready: float
    end: float


def measure(way: Way, service: str) -> Times:
    """Starts a server, uses it once, ends it, and waits until that is over."""
    way.prepare(service)
    began = time.perf_counter()
    started = way.start(service)
    there = time.perf_counter()
    try:
        work.first(service, started.server)
        ready = time.perf_counter()
    finally:
        ending = time.perf_counter()
        started.end()
        ended = time.perf_counter()
    started.settle()
    return Times((there - began) * 1000, (ready - began) * 1000, (ended - ending) * 1000)
