"""The tier in this process: values by key, those longest not asked for make room."""

import threading
from collections import OrderedDict
from dataclasses import dataclass


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


class Memory[V]:
    """Up to `size` values. Usable from several threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._held: OrderedDict[str, Held[V]] = OrderedDict()

    def get(self, key: str) -> Held[V] | None:
        """What is held of a key, however old."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: str, held: Held[V]) -> None:
        """Holds it in place of what was held of the key."""
        with self._lock:
            self._held[key] = held
            self._held.move_to_end(key)
            if len(self._held) > self._size:
                self._held.popitem(last=False)

    def forget(self, key: str) -> None:
        """Holds nothing of the key."""
        with self._lock:
            self._held.pop(key, None)
