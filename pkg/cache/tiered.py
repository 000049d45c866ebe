"""A cache in two tiers, this process's memory and Redis, in front of a source that is slower."""

import logging
import struct
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched
from types import TracebackType
from typing import Protocol, Self

from pkg.cache.cache import Cache
from pkg.cache.loads import Loads
from pkg.clock import Clock
from pkg.recent import Recent

_THREADS = 4
_KEYS_AT_ONCE = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# Whether there is a value; until when it is fresh, in milliseconds since 1970; then the value.
_HEAD = struct.Struct(">?Q")

_log = logging.getLogger(__name__)


class Codec[V](Protocol):
    """How a value becomes bytes for Redis, and a value again."""

    def encode(self, value: V, /) -> bytes:
        """The value's bytes."""

    def decode(self, stored: bytes, /) -> V:
        """The value of bytes.

        Raises:
            ValueError: they are no value's, or one of an older release; it is loaded anew.
        """


class Plain:
    """Values that are bytes already."""

    def encode(self, value: bytes) -> bytes:
        """The value itself."""
        return value

    def decode(self, stored: bytes) -> bytes:
        """The bytes themselves."""
        return stored


@dataclass(frozen=True, kw_only=True)
class Ages:
    """How long what was loaded is good.

    Attributes:
        fresh: as good as the source's.
        stale: after that, good enough for those who ask while one new load goes on behind them.
        absent: how long the source is believed that it has no value.

    Raises:
        ValueError: fresh or absent is not above 0, or stale is below.
    """

    fresh: timedelta = timedelta(minutes=1)
    stale: timedelta = timedelta(minutes=5)
    absent: timedelta = timedelta(seconds=10)

    def __post_init__(self) -> None:
        if min(self.fresh, self.absent) <= timedelta() or self.stale < timedelta():
            raise ValueError(
                f"cache: {self}: fresh and absent must be above 0, and stale not below it"
            )


@dataclass(frozen=True, slots=True)
class Held[V]:
    """A value, or that there is none, and how long it is good.

    Attributes:
        value: None where the source has none.
        fresh_until: seconds of the clock's monotonic(); before, it is as good as the source's.
        stale_until: the same; before, it is good enough while a new one is loaded.
    """

    value: V | None
    fresh_until: float
    stale_until: float


class TieredCache[V]:
    """Values by key, from memory, from Redis, or from their source. Usable from several threads.

    Of threads that need the same value one loads it, and the others wait for that. Without Redis,
    or with one that refuses, the cache goes on with its memory. Other processes' memories are not
    told of changes: they see them when what they have is not fresh any more.

    Closing it, best as a context manager, ends the loads that go on behind.

    Args:
        redis: the tier that processes share; None for a cache in memory alone.
        codec: how values are stored in it.
        clock: decides what is fresh.
        ages: how long what was loaded is good.
        size: how many values memory has.
    """

    def __init__(
        self,
        redis: Cache | None,
        codec: Codec[V],
        *,
        clock: Clock,
        ages: Ages | None = None,
        size: int = 10_000,
    ) -> None:
        self._redis = redis
        self._codec = codec
        self._clock = clock
        self._monotonic = clock.monotonic
        self._ages = ages or Ages()
        self._memory = Recent[str, Held[V]](clock=clock, ttl=None, size=size)
        self._loads = Loads[Held[V]](self._erase)
        self._behind = ThreadPoolExecutor(_THREADS, thread_name_prefix="cache")

    def get(self, key: str, load: Callable[[], V | None]) -> V | None:
        """The key's value, or None where its source has none.

        Args:
            key: names the value.
            load: asks the source; None says that there is no such value.

        Raises:
            redis.RedisError: what Redis has at the key is no entry's.
            Exception: whatever `load` raises where no value is good enough; nothing is stored then.
        """
        held = self._memory.get(key)
        now = self._monotonic()
        if held is None or now >= held.stale_until:
            held = self._loads.once(key, lambda: self._looked_up(key, load))
        elif now >= held.fresh_until:
            self._load_behind(key, load)
        return held.value

    def peek(self, key: str) -> Held[V] | None:
        """What memory has of the key, if that is fresh; else None. Asks nobody, and never waits."""
        held = self._memory.get(key)
        return held if held is not None and self._monotonic() < held.fresh_until else None

    def put(self, key: str, value: V | None) -> None:
        """Holds a value that is known to be the source's, or that there is none."""
        self._loads.drop(key)
        self._store(key, value)

    def forget(self, key: str) -> None:
        """Forgets the key's value, here and in Redis; other processes' memories keep theirs.

        What is being loaded now is forgotten, too: it may be from before a change.
        """
        self.forget_all([key])

    def forget_all(self, keys: Iterable[str]) -> None:
        """Forgets the values of several keys: one round trip to Redis for each thousand."""
        for some in batched(keys, _KEYS_AT_ONCE, strict=False):
            for key in some:
                self._loads.drop(key)
            self._erase(*some)

    def close(self) -> None:
        """Waits for loads that go on behind. Afterwards, who asks loads what is stale itself."""
        self._behind.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _erase(self, *keys: str) -> None:
        for key in keys:
            self._memory.forget(key)
        if self._redis is not None:
            self._redis.delete(*keys)

    def _looked_up(self, key: str, load: Callable[[], V | None]) -> Held[V]:
        # Another thread may have loaded it between this one's look and its turn.
        held = self._memory.get(key)
        if held is not None and self._monotonic() < held.fresh_until:
            return held
        held = self._from_redis(key)
        if held is not None:
            self._memory.put(key, held)
            if self._monotonic() < held.fresh_until:
                return held
        try:
            return self._store(key, load())
        except Exception:
            if held is None:
                raise
            _log.warning("cache: a value could not be loaded anew, and an older one is used")
            return held

    def _load_behind(self, key: str, load: Callable[[], V | None]) -> None:
        run = self._loads.begin(key)
        if run is None:
            return
        try:
            self._behind.submit(run, lambda: self._loaded_behind(key, load))
        except RuntimeError:  # closed
            run(lambda: self._loaded_behind(key, load))

    def _loaded_behind(self, key: str, load: Callable[[], V | None]) -> Held[V]:
        try:
            return self._looked_up(key, load)
        except Exception as error:
            # The next who asks tries again, until the value is too old.
            _log.warning("cache: a value could not be loaded anew (%s)", type(error).__name__)
            raise

    def _from_redis(self, key: str) -> Held[V] | None:
        stored = None if self._redis is None else self._redis.get(key)
        if stored is None:
            return None
        try:
            is_there, fresh_ms = _HEAD.unpack_from(stored)
            value = self._codec.decode(stored[_HEAD.size :]) if is_there else None
        except (ValueError, struct.error):
            _log.warning("cache: a value in Redis is none that this release has stored")
            return None
        ages = self._ages
        left = _EPOCH + fresh_ms * _MILLISECOND - self._clock.now()
        # As long as what is loaded now, at most: the clock may have been set back since.
        fresh_for = min(left, ages.fresh if is_there else ages.absent).total_seconds()
        now = self._monotonic()
        stale = ages.stale.total_seconds() if is_there else 0.0
        return Held(value, now + fresh_for, now + fresh_for + stale)

    def _store(self, key: str, value: V | None) -> Held[V]:
        fresh = self._ages.absent if value is None else self._ages.fresh
        stale = timedelta() if value is None else self._ages.stale
        fresh_until = self._monotonic() + fresh.total_seconds()
        held = Held(value, fresh_until, fresh_until + stale.total_seconds())
        self._memory.put(key, held)
        if self._redis is not None:
            fresh_ms = (self._clock.now() + fresh - _EPOCH) // _MILLISECOND
            content = b"" if value is None else self._codec.encode(value)
            stored = _HEAD.pack(value is not None, fresh_ms) + content
            self._redis.set(key, stored, ttl=fresh + stale)
        return held
