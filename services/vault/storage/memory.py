"""A storage that is gone with its process, for unit tests."""

import threading


class MemoryStorage:
    """Objects in a dictionary."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[str, bytes] = {}

    @property
    def names(self) -> list[str]:
        """The names of all objects, sorted."""
        with self._lock:
            return sorted(self._objects)

    def get(self, name: str) -> bytes | None:
        """The object's content, or None if there is no such object."""
        with self._lock:
            return self._objects.get(name)

    def create(self, name: str, content: bytes) -> bool:
        """Stores an object unless there is one of that name, and says whether it did."""
        with self._lock:
            if name in self._objects:
                return False
            self._objects[name] = content
            return True

    def remove(self, name: str) -> None:
        """Loses an object, as no vault ever does."""
        with self._lock:
            self._objects.pop(name, None)
