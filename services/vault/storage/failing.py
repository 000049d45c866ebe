"""A storage that fails when it is told to, for tests."""

import threading
from collections.abc import Callable, Collection
from enum import Enum

from services.vault.errors import StorageUnavailable
from services.vault.storage.storage import Storage
from services.vault.storage.wrapper import Wrapper


class Lost(Enum):
    """What gets lost of a call that fails."""

    REQUEST = "the request: nothing is done"
    ANSWER = "the answer: all is done"


class FailingStorage(Wrapper):
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
        super().__init__(storage)
        self._fail = fail
        self._lost = lost
        self._lock = threading.Lock()
        self.calls = 0

    def _call[T](self, call: Callable[[], T]) -> T:
        with self._lock:
            fails = self.calls in self._fail
            self.calls += 1
        if not fails:
            return call()
        if self._lost is Lost.ANSWER:
            call()
        raise StorageUnavailable(f"call {self.calls - 1} fails, as it was told to")
