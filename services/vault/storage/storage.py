"""What a vault needs of a storage."""

from typing import Protocol


class Storage(Protocol):
    """Objects by name. Usable from several threads, and from several instances at a time.

    What one has created, the others find at once.
    """

    def get(self, name: str) -> bytes | None:
        """The object's content, or None if there is no such object.

        Raises:
            StorageUnavailable: the storage can't be reached now.
            StorageRefused: the storage said no.
        """

    def create(self, name: str, content: bytes) -> bool:
        """Stores an object unless there is one of that name; of several at a time, one does.

        Returns:
            Whether it was stored. Where an answer got lost on the way and the request was
            repeated, False may be said of one's own object: `get` tells.

        Raises:
            StorageUnavailable: the storage can't be reached now; it may be stored nevertheless.
            StorageRefused: the storage said no.
        """
