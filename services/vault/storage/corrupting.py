"""A storage that damages what it returns, for tests."""

from services.vault.storage.storage import Storage, Stored
from services.vault.storage.wrapper import Wrapper


class CorruptingStorage(Wrapper):
    """Returns what another storage holds, with one bit flipped. Stores undamaged.

    Args:
        storage: what is read and written.
        flip_bit: which bit, counted from the first byte's lowest; -1 is the last byte's highest.
        only: damages only objects with this in their name.
    """

    def __init__(self, storage: Storage, *, flip_bit: int, only: str = "") -> None:
        super().__init__(storage)
        self._bit = flip_bit
        self._only = only

    def get(self, name: str) -> Stored | None:
        """The damaged object, or None if there is no such object.

        Raises:
            IndexError: the content has no such bit.
            StorageError: as the other storage does.
        """
        found = super().get(name)
        if found is None or self._only not in name:
            return found
        bits = len(found.content) * 8
        if not -bits <= self._bit < bits:
            raise IndexError(f"flip_bit={self._bit}: {name} has {bits} bits")
        at, bit = divmod(self._bit % bits, 8)
        damaged = bytearray(found.content)
        damaged[at] ^= 1 << bit
        return Stored(bytes(damaged), found.version)
