"""A storage that hangs, for tests."""

import threading

from services.vault.storage.storage import Storage, Stored

_MOST_SECONDS = 40.0  # so that a test that fails comes to its end


class HangingStorage:
    """Does what another storage does, but only while it is let.

    Attributes:
        asked: is set when a call hangs.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
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

    def get(self, name: str) -> Stored | None:
        """What the other storage has."""
        self._wait()
        return self._storage.get(name)

    def create(self, name: str, content: bytes) -> bool:
        """Stores an object, as the other storage does."""
        self._wait()
        return self._storage.create(name, content)

    def replace(self, name: str, content: bytes, version: str) -> bool:
        """Stores an object in place of another, as the other storage does."""
        self._wait()
        return self._storage.replace(name, content, version)

    def names(self, prefix: str, after: str, limit: int) -> list[str]:
        """The names that the other storage has."""
        self._wait()
        return self._storage.names(prefix, after, limit)

    def _wait(self) -> None:
        if not self._free.is_set():
            self.asked.set()
        self._free.wait(_MOST_SECONDS)
