"""The limiter: asks Redis, and goes on without it."""

import logging
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from pkg.clock import Clock
from pkg.outage import Away, Outage
from pkg.ratelimit.limit import Decision, Limit
from pkg.ratelimit.local import Local

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_SCRIPT = (Path(__file__).parent / "window.lua").read_text()
_ID_BYTES = 8

_log = logging.getLogger(__name__)


class RedisClient(Protocol):
    """What the limiter needs of redis-py's `redis.Redis`."""

    def register_script(self, script: str, /) -> Any:
        """A function that runs the script, by its hash once Redis knows it."""


class Limiter:
    """Decides of limits, one round trip to Redis each time. Usable from several threads.

    Exact over all instances that use the same Redis and prefix: no window ever has more units than
    its limit. While Redis can't be reached, or refuses, each instance counts for itself: then a
    window has at most the limit's units for each instance, beside what was used on Redis, also if
    Redis goes and comes several times. Decisions say which. Errors that are mistakes, such as a key
    that has something else, are raised.

    Args:
        client: a redis-py client, with a socket_timeout that a caller would wait.
        clock: decides what is in a window, and when Redis is asked again after an outage.
        prefix: comes before every key, such as "limits:".
    """

    def __init__(self, client: RedisClient, *, clock: Clock, prefix: str = "") -> None:
        self._script = client.register_script(_SCRIPT)
        self._clock = clock
        self._prefix = prefix
        self._local = Local()
        self._outage = Outage(
            clock=clock, log=_log, who="ratelimit", meanwhile="each instance counts alone"
        )

    def take(self, limit: Limit, units: int = 1) -> Decision:
        """Uses units of a limit, if they are there.

        Args:
            limit: what is limited.
            units: how many; 0 only looks.

        Raises:
            ValueError: the units are negative.
            redis.RedisError: what is stored of the limit is none's.
        """
        return self.take_all([(limit, units)])[0]

    def take_all(self, asked: Sequence[tuple[Limit, int]]) -> list[Decision]:
        """Uses units of several limits if all are there, else none of any.

        Returns:
            for each limit, whether its own units are there; they are used if all are allowed.

        Raises:
            ValueError: units are negative, or one limit's name stands twice.
            redis.RedisError: what is stored of the limit is none's.
        """
        names = {limit.name for limit, _ in asked}
        if len(names) < len(asked):
            raise ValueError(
                "ratelimit: one limit's name stands twice in one call: add the units up"
            )
        return self._decided(asked, together=True)

    def take_each(self, asked: Sequence[tuple[Limit, int]]) -> list[Decision]:
        """Uses units of several limits, of each for itself: as if they were taken one by one.

        One round trip. A limit may stand several times.

        Raises:
            ValueError: units are negative.
            redis.RedisError: what is stored of the limit is none's.
        """
        return self._decided(asked, together=False)

    def _decided(self, asked: Sequence[tuple[Limit, int]], *, together: bool) -> list[Decision]:
        if any(units < 0 for _, units in asked):
            raise ValueError("ratelimit: units must not be negative")
        try:
            answer = self._outage.ask(lambda: self._ask(asked, together))
        except Away:
            return self._alone(asked, together)
        all_there = all(there for there, _, _ in answer)
        return [
            Decision(
                bool(there),
                left - units * (all_there if together else there),
                wait * _MILLISECOND,
            )
            for (_, units), (there, left, wait) in zip(asked, answer, strict=True)
        ]

    def _ask(
        self, asked: Sequence[tuple[Limit, int]], together: bool
    ) -> list[tuple[int, int, int]]:
        keys: list[str] = []
        arguments: list[str | int] = [self._now(), secrets.token_hex(_ID_BYTES)]
        for limit, units in asked:
            keys += (f"{self._prefix}{limit.name}:used", f"{self._prefix}{limit.name}:sum")
            arguments += (limit.units, limit.milliseconds, units)
        arguments.append("together" if together else "apart")
        answer: list[tuple[int, int, int]] = self._script(keys=keys, args=arguments)
        return answer

    def _alone(self, asked: Sequence[tuple[Limit, int]], together: bool) -> list[Decision]:
        # Not now(): the clock of one process does not go backwards.
        return self._local.take(asked, int(self._clock.monotonic() * 1000), together=together)

    def _now(self) -> int:
        return (self._clock.now() - _EPOCH) // _MILLISECOND
