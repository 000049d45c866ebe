"""What a network fault does to the bytes of one direction: a model of a line."""

import random
from collections import deque

from pkg.dockertest.errors import InvalidOption

BUFFER = 256 << 10
"""Bytes that are read at once."""

_AHEAD = 8 << 20  # bytes of one connection that may be under way on a line with latency
_SLICE_SECONDS = 0.05  # a line with a rate sends in pieces that take it this long


class Link:
    """One direction of all connections of a proxy.

    Attributes:
        up: whether it leads to the server.
        cut: nothing goes through.
        turns: how often a side of a connection has begun to speak, after the other one had.
    """

    def __init__(self, up: bool) -> None:
        self.up = up
        self.cut = False
        self.turns = 0
        self.slow()

    def slow(self, latency: float = 0.0, jitter: float = 0.0, rate: float | None = None) -> None:
        """Takes its latency and jitter in seconds, its rate in bytes per second."""
        self._latency, self._jitter, self._rate = latency, jitter, rate
        self._free = 0.0

    @property
    def is_plain(self) -> bool:
        """Whether bytes go through as they come."""
        return not (self.cut or self._latency or self._jitter or self._rate)

    def free_at(self) -> float:
        """The time from which it takes more bytes; with a rate, it may be busy until then."""
        return self._free

    def takes(self, held: int) -> int:
        """How many bytes it takes at once, while `held` bytes of the same connection are in it."""
        if self.cut or held >= (_AHEAD if self._latency or self._jitter else 1):
            return 0
        if self._rate is None:
            return BUFFER
        return max(1, min(BUFFER, int(self._rate * _SLICE_SECONDS)))

    def arrival(self, size: int, now: float) -> float:
        """When `size` bytes that are put on it now come out at the other end."""
        if self._rate:
            self._free = max(now, self._free) + size / self._rate
            now = self._free
        jitter = random.uniform(-self._jitter, self._jitter) if self._jitter else 0.0
        return now + max(0.0, self._latency + jitter)


class Queue:
    """The bytes of one connection that are on a link, in their order."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: deque[tuple[float, bytes]] = deque()

    def put(self, data: bytes, due: float) -> None:
        """Adds bytes that come out at `due`, and not before those that were put in earlier."""
        if self._pieces:
            due = max(due, self._pieces[-1][0])
        self._pieces.append((due, data))
        self.size += len(data)

    def put_back(self, data: bytes) -> None:
        """Puts bytes to its front, which were not taken by their receiver."""
        self._pieces.appendleft((0.0, data))
        self.size += len(data)

    def take(self, now: float) -> bytes:
        """Takes the first piece that has come out; empty if none has."""
        if not self._pieces or self._pieces[0][0] > now:
            return b""
        data = self._pieces.popleft()[1]
        self.size -= len(data)
        return data

    def hurry(self) -> None:
        """Has everything come out at once."""
        self._pieces = deque((0.0, data) for _, data in self._pieces)

    def next_at(self) -> float:
        """When the first piece comes out. There has to be one."""
        return self._pieces[0][0]


def directions(direction: object) -> tuple[bool, ...]:
    """Which links a fault is put on: True is the one that leads to the server.

    Raises:
        InvalidOption: it is none of both, up and down.
    """
    known = {"both": (True, False), "up": (True,), "down": (False,)}
    if not isinstance(direction, str) or direction not in known:
        raise InvalidOption(f'direction={direction!r}: it must be "both", "up" or "down"')
    return known[direction]


def check_slow(latency: float, jitter: float, rate: float | None) -> None:
    """Refuses what no line has.

    Raises:
        InvalidOption: a value is out of its range, or all say that nothing is slow.
    """
    for name, value in (("latency", latency), ("jitter", jitter)):
        if not _is_number(value) or not 0 <= value <= 3600:
            raise InvalidOption(f"slow({name}={value!r}): it must be seconds from 0 to 3600")
    if rate is not None and (not _is_number(rate) or not 1 <= rate < float("inf")):
        raise InvalidOption(f"slow(rate={rate!r}): it must be bytes per second, 1 at least")
    if not latency and not jitter and rate is None:
        raise InvalidOption("slow() needs a latency, a jitter or a rate; heal() undoes it")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
