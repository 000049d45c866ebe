"""Locks by name, so that of several threads that need the same thing one gets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from services.vault.errors import StorageUnavailable

# Bounded, whatever the number of names: two names may share a lock.
_LOCKS = 64


class _Turn:
    """A lock, and how often who had it has failed at the storage, and for which name at last."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.failures = 0
        self.failed = ("", "")


class OneAtATime:
    """As many locks as are useful, for any number of names."""

    def __init__(self) -> None:
        self._turns = [_Turn() for _ in range(_LOCKS)]

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Waits until no other thread is in a block of that name. Not reentrant.

        Raises:
            StorageUnavailable: the storage did not serve the one that was waited for. Each would
                wait for it as long again, one after the other.
        """
        turn = self._turns[hash(name) % _LOCKS]
        before = turn.failures
        with turn.lock:
            failed, reason = turn.failed
            if turn.failures != before and failed == name:
                raise StorageUnavailable(reason)
            try:
                yield
            except StorageUnavailable as error:
                turn.failures += 1
                turn.failed = (name, str(error))
                raise
