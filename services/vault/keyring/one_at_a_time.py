"""Locks by name, so that of several threads that need the same thing one gets it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Bounded, whatever the number of names: two names may share a lock.
_LOCKS = 64


class OneAtATime:
    """As many locks as are useful, for any number of names."""

    def __init__(self) -> None:
        self._locks = [threading.Lock() for _ in range(_LOCKS)]

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Waits until no other thread is in a block of that name. Not reentrant."""
        with self._locks[hash(name) % _LOCKS]:
            yield
