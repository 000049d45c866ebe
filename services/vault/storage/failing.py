"""A storage that fails when it is told to, for tests."""

import threading
from collections.abc import Callable, Collection
from enum import Enum

from services.vault.errors import StorageUnavailable
from services.vault.storage.storage import Storage, Stored


class Lost(Enum):
    """What gets lost of a call that fails."""

    REQUEST = "the request: nothing is done"
    ANSWER = "the answer: all is done"


class FailingStorage:
    """Does what another storage does, but for some of its calls.

    Args:
        storage: what is read and written.
        fail: the numbers of the calls that fail, counted from 0; all that is `in` it.
        lost: whether those are done nevertheless.

    Attributes:
        calls: how many calls there were so far.
    """

    def __init__(
        self, storage: Storage, *, fail: Collection[int] = (), lost: Lost = Lost.REQUEST
    ) -> None:
        self._storage = storage
        self._fail = fail
        self._lost = lost
        self._lock = threading.Lock()
        self.calls = 0

    def get(self, name: str) -> Stored | None:
        """What the other storage has."""
        return self._call(lambda: self._storage.get(name))

    def create(self, name: str, content: bytes) -> bool:
        """Stores an object, as the other storage does."""
        return self._call(lambda: self._storage.create(name, content))

    def replace(self, name: str, content: bytes, version: str) -> bool:
        """Stores an object in place of another, as the other storage does."""
        return self._call(lambda: self._storage.replace(name, content, version))

    def names(self, prefix: str, after: str, limit: int) -> list[str]:
        """The names that the other storage has."""
        return self._call(lambda: self._storage.names(prefix, after, limit))

    def _call[T](self, call: Callable[[], T]) -> T:
        with self._lock:
            fails = self.calls in self._fail
            self.calls += 1
        if not fails:
            return call()
        if self._lost is Lost.ANSWER:
            call()
        raise StorageUnavailable(f"call {self.calls - 1} fails, as it was told to")
