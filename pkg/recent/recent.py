"""Values by key; those longest not asked for make room."""

import math
import threading
from collections import OrderedDict
from collections.abc import Hashable
from datetime import timedelta

from pkg.clock import Clock


class Recent[K: Hashable, V]:
    """Remembers up to `size` values, each for `ttl`. Usable from several threads.

    Args:
        clock: decides when a value is forgotten.
        ttl: how long a value is remembered; None for as long as there is room.
        size: how many are; the one that was longest not asked for goes first.
    """

    def __init__(self, *, clock: Clock, ttl: timedelta | None, size: int) -> None:
        self._now = clock.monotonic
        self._ttl = math.inf if ttl is None else ttl.total_seconds()
        self._size = size
        self._lock = threading.Lock()
        self._values = OrderedDict[K, tuple[float, V]]()

    def get(self, key: K) -> V | None:
        """The value, or None if it is not remembered any more."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            if self._now() >= found[0]:
                del self._values[key]
                return None
            self._values.move_to_end(key)
            return found[1]

    def put(self, key: K, value: V) -> None:
        """Remembers a value from now on."""
        with self._lock:
            self._values[key] = (self._now() + self._ttl, value)
            self._values.move_to_end(key)
            if len(self._values) > self._size:
                self._values.popitem(last=False)

    def forget(self, key: K) -> None:
        """Remembers it no more."""
        with self._lock:
            self._values.pop(key, None)
