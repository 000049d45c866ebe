"""The cache: what is in Redis, when it expires, and what happens without Redis."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from pkg.cache import entry
from pkg.clock import Clock
from pkg.outage import Away, Outage

TTL = timedelta(minutes=5)

# The clock given decides when an entry expires. Redis removes it later, by its own clock, so that
# what nobody asks for again takes no memory; the slack is for clocks that differ.
_SLACK = timedelta(minutes=1)
_MILLISECOND = timedelta(milliseconds=1)

_log = logging.getLogger(__name__)


class RedisClient(Protocol):
    """What the cache needs of redis-py's `redis.Redis`."""

    def get(self, name: str, /) -> bytes | str | None:
        """What is stored at the key, or None."""

    def set(self, name: str, value: bytes, /, *, px: int) -> object:
        """Stores a value, which Redis removes after `px` milliseconds."""

    def delete(self, *names: str) -> object:
        """Removes what is stored at the keys, if anything."""


@dataclass(frozen=True)
class Stats:
    """What a cache has met so far.

    Attributes:
        hits: entries found.
        misses: entries not found, for whatever reason.
        bad: entries found that were damaged or of another version; counted as misses, too.
        unavailable: operations for which Redis could not be reached, or which it refused.
    """

    hits: int = 0
    misses: int = 0
    bad: int = 0
    unavailable: int = 0


class Cache:
    """A cache of bytes in Redis. Usable from several threads.

    When Redis can't be reached, takes longer than the client's timeout or lets nobody in,
    everything is a miss and nothing is stored; one call a second finds out, and the others do not
    wait. When it refuses, such as to store while its memory is full, everything is a miss, too:
    what is there may be what could not be replaced. That ends when it stores again. Errors that are
    mistakes, such as a key that has something else, are raised.

    Args:
        client: a redis-py client that answers with bytes (decode_responses=False), with a
            socket_timeout that a caller would wait.
        clock: decides when an entry expires, and when Redis is asked again after an outage.
        prefix: comes before every key, such as "sessions:".
        ttl: how long an entry is valid; at least 1 ms.

    Raises:
        ValueError: the ttl is too short.
    """

    def __init__(
        self, client: RedisClient, *, clock: Clock, prefix: str = "", ttl: timedelta = TTL
    ) -> None:
        self._client = client
        self._clock = clock
        self._prefix = prefix
        self._ttl = _checked(ttl)
        self._lock = threading.Lock()
        self._stats = Stats()
        self._outage = Outage(clock=clock, log=_log, who="cache", meanwhile="on without it")

    @property
    def stats(self) -> Stats:
        """What the cache has met so far."""
        with self._lock:
            return self._stats

    def get(self, key: str) -> bytes | None:
        """The value stored at the key, or None if there is none that is valid.

        Raises:
            TypeError: the client answers with text.
            redis.RedisError: what is stored there is no entry's.
        """
        found = self._reaching(lambda: self._found(key), None, proves=False)
        value = None if found is None else self._decoded(found)
        self._count(hits=value is not None, misses=value is None)
        return value

    def set(self, key: str, value: bytes, *, ttl: timedelta | None = None) -> bool:
        """Stores a value, for `ttl` or else for the cache's own.

        Returns:
            Whether it is stored. Where it is not, because Redis can't be reached or refuses, an
            older value may still be there.

        Raises:
            ValueError: the ttl is too short.
        """
        ttl = self._ttl if ttl is None else _checked(ttl)
        stored = entry.encode(value, self._clock.now() + ttl)
        milliseconds = (ttl + _SLACK) // _MILLISECOND

        def store() -> bool:
            self._client.set(self._prefix + key, stored, px=milliseconds)
            return True

        return self._reaching(store, False)

    def delete(self, *keys: str) -> bool:
        """Removes what is stored at the keys, if anything. One round trip for all of them.

        Returns:
            Whether it is gone. Where it is not, because Redis can't be reached or refuses, it may
            be found again until it expires.
        """

        def remove() -> bool:
            self._client.delete(*(self._prefix + key for key in keys))
            return True

        # A server that is full removes all the same.
        return not keys or self._reaching(remove, False, proves=False)

    def get_or_load(
        self, key: str, loader: Callable[[], bytes], *, ttl: timedelta | None = None
    ) -> bytes:
        """The value stored at the key, or what `loader` returns, which is then stored.

        Several that miss at the same time all load.

        Raises:
            ValueError: the ttl is too short.
            redis.RedisError: what is stored there is no entry's.
            Exception: whatever `loader` raises; nothing is stored then.
        """
        value = self.get(key)
        if value is None:
            value = loader()
            self.set(key, value, ttl=ttl)
        return value

    def _found(self, key: str) -> bytes | str | None:
        if self._outage.refuses:
            raise Away
        return self._client.get(self._prefix + key)

    def _decoded(self, found: bytes | str) -> bytes | None:
        if isinstance(found, str):
            raise TypeError("Cache: the client answers with text; give it decode_responses=False")
        try:
            return entry.decode(found, self._clock.now())
        except entry.BadEntry as error:
            # The key may be somebody's secret, so it is not logged.
            _log.warning("cache: an entry with prefix %r is %s", self._prefix, error)
            self._count(bad=1)
            return None

    def _count(self, *, hits: int = 0, misses: int = 0, bad: int = 0, unavailable: int = 0) -> None:
        with self._lock:
            self._stats = replace(
                self._stats,
                hits=self._stats.hits + hits,
                misses=self._stats.misses + misses,
                bad=self._stats.bad + bad,
                unavailable=self._stats.unavailable + unavailable,
            )

    def _reaching[T](self, operation: Callable[[], T], otherwise: T, *, proves: bool = True) -> T:
        """What the operation returns, or `otherwise` while Redis is of no use."""
        try:
            return self._outage.ask(operation, proves=proves)
        except Away:
            self._count(unavailable=1)
            return otherwise


def _checked(ttl: timedelta) -> timedelta:
    if ttl < _MILLISECOND:
        raise ValueError(f"Cache: ttl must be at least 1 ms, not {ttl!r}")
    return ttl
