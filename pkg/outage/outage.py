"""Whether Redis can be reached and used, and who asks it again."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    ClusterDownError,
    ConnectionError,
    InvalidResponse,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    TimeoutError,
)

from pkg.clock import Clock

# How long Redis is not asked after it could not be reached, so that not every call waits for it.
AWAY = timedelta(seconds=1)

# What a server answers that cannot do now what it is for: the asker has made no mistake, and all
# it can do is go on without it. Of the last ones, redis-py has no types.
_REFUSALS = (NoPermissionError, OutOfMemoryError, ReadOnlyError, ClusterDownError)
_REFUSAL_CODES = frozenset({"BUSY", "DENIED", "MISCONF", "NOREPLICAS"})
_REFUSES = "refuses"


class Away(Exception):
    """Redis can't be reached now, or refuses."""


class Outage:
    """Asks Redis, and tells when it is of no use. Usable from several threads.

    It begins with a call that can't reach Redis, takes longer than the client's timeout, or is not
    let in. While that lasts, one call in `AWAY` asks, and the others are told at once. It ends with
    any other answer.

    It begins with a refusal, too, such as of all that writes while Redis is full. Then each call
    asks, for it costs no more than ever, until one is answered that would have been refused. A
    mistake of the asker's is no refusal, but an error.

    Its begin, what it becomes and its end are a line each in the log.

    Args:
        clock: decides when Redis is asked again.
        log: of the package that asks.
        who: begins the lines, such as "cache".
        meanwhile: what goes on without Redis, such as "on without it".
    """

    def __init__(self, *, clock: Clock, log: logging.Logger, who: str, meanwhile: str) -> None:
        self._clock = clock
        self._log = log
        self._who = who
        self._meanwhile = meanwhile
        self._lock = threading.Lock()
        self._trouble: str | None = None
        self._next_try = 0.0

    @property
    def refuses(self) -> bool:
        """Whether Redis is reached, and refuses."""
        return self._trouble == _REFUSES

    def ask[T](self, operation: Callable[[], T], *, proves: bool = True) -> T:
        """What the operation returns.

        Args:
            operation: asks Redis.
            proves: whether Redis refuses it if it refuses anything, so that an answer ends that.

        Raises:
            Away: Redis can't be reached, or could not be less than `AWAY` ago; or it refuses.
            redis.RedisError: the operation makes no sense to Redis.
        """
        if self._trouble is not None and not self._may_try():
            raise Away
        try:
            result = operation()
        except RedisError as error:
            trouble = _trouble(error)
            if trouble is None:
                self._end(proves)
                raise
            self._begin(trouble, error)
            raise Away from None
        self._end(proves)
        return result

    def _may_try(self) -> bool:
        """Whether it is this call's turn."""
        with self._lock:
            if self._trouble is None or self._trouble == _REFUSES:
                return True
            if self._clock.monotonic() < self._next_try:
                return False
            self._set_next_try()
            return True

    def _set_next_try(self) -> None:
        self._next_try = self._clock.monotonic() + AWAY.total_seconds()

    def _begin(self, trouble: str, error: RedisError) -> None:
        with self._lock:
            before, self._trouble = self._trouble, trouble
            self._set_next_try()
        if before != trouble:
            # The type or the code only: the text may have an address and credentials in it.
            kind = _code(error) if _code(error) in _REFUSAL_CODES else type(error).__name__
            self._log.warning("%s: Redis %s (%s), %s", self._who, trouble, kind, self._meanwhile)

    def _end(self, proves: bool) -> None:
        if self._trouble is None:
            return
        with self._lock:
            if self._trouble is None or (self._trouble == _REFUSES and not proves):
                return
            self._trouble = None
        self._log.info("%s: Redis serves again", self._who)


def _trouble(error: RedisError) -> str | None:
    """What is said of an outage that the error is of; None if it is a mistake of the asker's."""
    # redis-py derives the first two from ConnectionError, but Redis has answered.
    if isinstance(error, AuthenticationError | AuthorizationError):
        return "lets nobody in"
    # The last is of something else that has its address now.
    if isinstance(error, ConnectionError | TimeoutError | InvalidResponse):
        return "can't be reached"
    if isinstance(error, _REFUSALS) or _code(error) in _REFUSAL_CODES:
        return _REFUSES
    return None


def _code(error: RedisError) -> str:
    """The first word of Redis's answer, where redis-py has left it there."""
    return str(error).partition(" ")[0]
