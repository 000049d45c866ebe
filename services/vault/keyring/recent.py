"""A bounded memory of what was looked up lately."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from datetime import timedelta

from pkg.clock import Clock


class Recent[K: Hashable, V]:
    """Remembers up to `size` values, each for `ttl`. Usable from several threads.

    Args:
        clock: decides when a value is forgotten.
        ttl: how long a value is remembered.
        size: how many are; the one that was longest not asked for goes first.
    """

    def __init__(self, *, clock: Clock, ttl: timedelta, size: int) -> None:
        self._clock = clock
        self._ttl = ttl.total_seconds()
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value, or None if it is not remembered any more."""
        with self._lock:
            if key not in self._values:
                return None
            expires, value = self._values[key]
            if self._clock.monotonic() >= expires:
                del self._values[key]
                return None
            self._values.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Remembers a value from now on."""
        with self._lock:
            self._values[key] = (self._clock.monotonic() + self._ttl, value)
            self._values.move_to_end(key)
            if len(self._values) > self._size:
                self._values.popitem(last=False)
