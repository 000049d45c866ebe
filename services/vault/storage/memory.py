"""A storage that is gone with its process, for unit tests."""

import threading

from services.vault.storage.storage import Stored


class MemoryStorage:
    """Objects in a dictionary."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[str, Stored] = {}
        self._written = 0

    def get(self, name: str) -> Stored | None:
        """The object, or None if there is no such object."""
        with self._lock:
            return self._objects.get(name)

    def create(self, name: str, content: bytes) -> bool:
        """Stores an object unless there is one of that name, and says whether it did."""
        with self._lock:
            if name in self._objects:
                return False
            self._put(name, content)
            return True

    def replace(self, name: str, content: bytes, version: str) -> bool:
        """Stores an object in place of one of that version, and says whether it did."""
        with self._lock:
            found = self._objects.get(name)
            if found is None or found.version != version:
                return False
            self._put(name, content)
            return True

    def names(self, prefix: str = "", after: str = "", limit: int = 1000) -> list[str]:
        """The names that begin with a prefix and come after another name, sorted."""
        with self._lock:
            found = sorted(name for name in self._objects if name.startswith(prefix))
        return [name for name in found if name > after][:limit]

    def remove(self, name: str) -> None:
        """Loses an object, as no vault ever does."""
        with self._lock:
            self._objects.pop(name, None)

    def _put(self, name: str, content: bytes) -> None:
        self._written += 1
        self._objects[name] = Stored(content, str(self._written))
