"""A storage around another one, for tests."""

from collections.abc import Callable

from services.vault.storage.storage import Storage, Stored


class Wrapper:
    """Does what another storage does; those derived from it put something around each call.

    Args:
        storage: what is read and written.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

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
        return call()
