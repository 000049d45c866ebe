"""A storage that hangs, for tests."""

import threading
from collections.abc import Callable

from services.vault.storage import Storage
from services.vault.storage.wrapper import Wrapper

_MOST_SECONDS = 40.0  # so that a test that fails comes to its end


class HangingStorage(Wrapper):
    """Does what another storage does, but only while it is let.

    Attributes:
        asked: is set when a call hangs.
    """

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        self._free = threading.Event()
        self._free.set()
        self.asked = threading.Event()

    def hang(self) -> None:
        """From now on, calls wait."""
        self.asked.clear()
        self._free.clear()

    def go_on(self) -> None:
        """Lets all calls go on."""
        self._free.set()

    def _call[T](self, call: Callable[[], T]) -> T:
        if not self._free.is_set():
            self.asked.set()
        self._free.wait(_MOST_SECONDS)
        return call()
