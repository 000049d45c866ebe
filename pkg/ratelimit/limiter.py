"""The limiter: asks Redis, and goes on without it."""

import logging
import secrets
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ConnectionError,
    TimeoutError,
)

from pkg.clock import Clock
from pkg.ratelimit.limit import Decision, Limit
from pkg.ratelimit.local import Local

# How long Redis is not asked after it could not be reached, so that not every call waits for it.
AWAY = timedelta(seconds=1)

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
    its limit. While Redis can't be reached, each instance counts for itself: then a window has at
    most the limit's units for each instance, beside what was used before. Decisions say which.
    Other errors of Redis (a wrong password, no memory) are raised.

    Args:
        client: a redis-py client, with a socket_timeout that a caller would wait.
        clock: decides what is in a window.
        prefix: comes before every key, such as "limits:".
    """

    def __init__(self, client: RedisClient, *, clock: Clock, prefix: str = "") -> None:
        self._script = client.register_script(_SCRIPT)
        self._clock = clock
        self._prefix = prefix
        self._local = Local()
        self._lock = threading.Lock()
        self._away_until = 0.0
        self._is_away = False

    def take(self, limit: Limit, units: int = 1) -> Decision:
        """Uses units of a limit, if they are there.

        Args:
            limit: what is limited.
            units: how many; 0 only looks.

        Raises:
            ValueError: the units are negative.
            redis.RedisError: Redis refused.
        """
        return self.take_all([(limit, units)])[0]

    def take_all(self, asked: Sequence[tuple[Limit, int]]) -> list[Decision]:
        """Uses units of several limits if all are there, else none of any.

        Returns:
            for each limit, whether its own units are there; they are used if all are allowed.

        Raises:
            ValueError: units are negative, or one limit's name stands twice.
            redis.RedisError: Redis refused.
        """
        _check(asked)
        if self._clock.monotonic() < self._away_until:
            return self._alone(asked)
        try:
            answer = self._ask(asked)
        except (AuthenticationError, AuthorizationError):
            raise  # redis-py derives them from ConnectionError, but Redis was reached and refused
        except (ConnectionError, TimeoutError) as error:
            self._note(error)
            return self._alone(asked)
        self._note(None)
        all_there = all(there for there, _, _ in answer)
        return [
            Decision(bool(there), left - units * all_there, wait * _MILLISECOND)
            for (_, units), (there, left, wait) in zip(asked, answer, strict=True)
        ]

    def _ask(self, asked: Sequence[tuple[Limit, int]]) -> list[tuple[int, int, int]]:
        keys: list[str] = []
        arguments: list[str | int] = [self._now(), secrets.token_hex(_ID_BYTES)]
        for limit, units in asked:
            keys += (f"{self._prefix}{limit.name}:used", f"{self._prefix}{limit.name}:sum")
            arguments += (limit.units, limit.milliseconds, units)
        answer: list[tuple[int, int, int]] = self._script(keys=keys, args=arguments)
        return answer

    def _alone(self, asked: Sequence[tuple[Limit, int]]) -> list[Decision]:
        # Not now(): the clock of one process does not go backwards.
        return self._local.take(asked, int(self._clock.monotonic() * 1000))

    def _now(self) -> int:
        return (self._clock.now() - _EPOCH) // _MILLISECOND

    def _note(self, error: Exception | None) -> None:
        """Remembers whether Redis was reached."""
        if error is None and not self._is_away:
            return
        with self._lock:
            was_away, self._is_away = self._is_away, error is not None
            if error is not None:
                self._away_until = self._clock.monotonic() + AWAY.total_seconds()
        if error is not None and not was_away:
            # The type only: the text may have an address and credentials in it.
            kind = type(error).__name__
            _log.warning("ratelimit: Redis can't be reached (%s), each instance counts alone", kind)
        elif error is None and was_away:
            self._local.forget()
            _log.info("ratelimit: Redis is reached again")


def _check(asked: Sequence[tuple[Limit, int]]) -> None:
    names = {limit.name for limit, _ in asked}
    if len(names) < len(asked):
        raise ValueError("ratelimit: one limit's name stands twice in one call: add the units up")
    if any(units < 0 for _, units in asked):
        raise ValueError("ratelimit: units must not be negative")
