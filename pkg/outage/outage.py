"""Whether Redis can be reached, and who asks it again."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ConnectionError,
    RedisError,
    TimeoutError,
)

from pkg.clock import Clock

# How long Redis is not asked after it could not be reached, so that not every call waits for it.
AWAY = timedelta(seconds=1)


class Away(Exception):
    """Redis can't be reached now."""


class Outage:
    """Asks Redis, and does not while it is away. Usable from several threads.

    An outage begins with a call that can't reach Redis, or takes longer than the client's timeout.
    While it lasts, one call in `AWAY` asks, and the others are told at once. It ends with an
    answer, also one that refuses: that a password is wrong must not go unnoticed. Its begin and its
    end are a line each in the log.

    Args:
        clock: decides when Redis is asked again.
        log: of the package that asks.
        who: begins the lines, such as "cache".
        meanwhile: what goes on without Redis, such as "on without it".
        ended: is called when Redis answers again.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        log: logging.Logger,
        who: str,
        meanwhile: str,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._log = log
        self._who = who
        self._meanwhile = meanwhile
        self._ended = ended
        self._lock = threading.Lock()
        self._is_away = False
        self._next_try = 0.0

    def ask[T](self, operation: Callable[[], T]) -> T:
        """What the operation returns.

        Raises:
            Away: Redis can't be reached, or could not be less than `AWAY` ago.
            redis.RedisError: Redis was reached, and refused.
        """
        if self._is_away and not self._may_try():
            raise Away
        try:
            result = operation()
        except RedisError as error:
            if _is_reached(error):
                self._end()
                raise
            self._begin(error)
            raise Away from None
        self._end()
        return result

    def _may_try(self) -> bool:
        """Whether it is this call's turn."""
        with self._lock:
            if self._is_away and self._clock.monotonic() < self._next_try:
                return False
            self._set_next_try()
            return True

    def _set_next_try(self) -> None:
        self._next_try = self._clock.monotonic() + AWAY.total_seconds()

    def _begin(self, error: RedisError) -> None:
        with self._lock:
            was_away, self._is_away = self._is_away, True
            self._set_next_try()
        if not was_away:
            # The type only: the text may have an address and credentials in it.
            kind = type(error).__name__
            self._log.warning(
                "%s: Redis can't be reached (%s), %s", self._who, kind, self._meanwhile
            )

    def _end(self) -> None:
        if not self._is_away:
            return
        with self._lock:
            was_away, self._is_away = self._is_away, False
        if was_away:
            self._ended()
            self._log.info("%s: Redis is reached again", self._who)


def _is_reached(error: RedisError) -> bool:
    # redis-py derives the first two from ConnectionError, but Redis has answered.
    return isinstance(error, AuthenticationError | AuthorizationError) or not isinstance(
        error, ConnectionError | TimeoutError
    )
