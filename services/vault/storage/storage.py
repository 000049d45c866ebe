"""What a vault needs of a storage."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it was read.

    Attributes:
        content: its bytes.
        version: S3's ETag: the same for the same content.
    """

    content: bytes
    version: str


class Storage(Protocol):
    """Objects by name. Usable from several threads, and from several instances at a time.

    Names are paths, "a/b/c", and none is another's folder.

    What one has stored, the others find at once, whole. Every method may raise:
        StorageUnavailable: the storage can't be reached now; what was to be stored may be stored
            nevertheless.
        StorageRefused: the storage said no.

    Where an answer got lost on the way and the request was repeated, `create` and `replace` may
    say False of what was one's own doing: `get` tells.
    """

    def get(self, name: str) -> Stored | None:
        """The object, or None if there is no such object."""

    def create(self, name: str, content: bytes) -> bool:
        """Stores an object unless there is one of that name; of several at a time, one does."""

    def replace(self, name: str, content: bytes, version: str) -> bool:
        """Stores an object in place of one that still has that version; of several, one does."""

    def names(self, prefix: str, after: str, limit: int) -> list[str]:
        """The names that begin with a prefix and come after another name, sorted.

        Args:
            prefix: what they begin with.
            after: "" for those from the first on.
            limit: how many at most.
        """
