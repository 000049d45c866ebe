"""Keyrings in a storage.

| object | content |
| ------ | ------- |
| keyrings/NAME/keys/ID | a data key, wrapped; written once |
| keyrings/NAME/current | the id of the data key to encrypt with, 32 hexadecimal digits |

A key is stored before `current` names it, so that whoever reads `current` finds the key.
"""

import re
from datetime import timedelta

from pkg.clock import Clock
from services.vault.errors import Damaged, StorageRefused, UnknownKey
from services.vault.keyring.data_key import DataKey
from services.vault.keyring.master_key import MasterKey
from services.vault.keyring.name import checked
from services.vault.keyring.recent import Recent
from services.vault.keyring.wrapped import unwrap, wrap
from services.vault.storage import Storage

# How long an instance goes on with what it has read, after the storage has changed.
TTL = timedelta(minutes=5)
_REMEMBERED = 1000

_KEY_ID = re.compile(rb"[0-9a-f]{32}")


class Keyrings:
    """The data keys of all keyrings in a storage. Usable from several threads.

    Args:
        storage: holds the keyrings.
        master: wraps the data keys.
        clock: decides when what was read is read anew.
    """

    def __init__(self, storage: Storage, master: MasterKey, clock: Clock) -> None:
        self._storage = storage
        self._master = master
        self._current: Recent[str, str] = Recent(clock=clock, ttl=TTL, size=_REMEMBERED)
        self._keys: Recent[tuple[str, str], DataKey] = Recent(
            clock=clock, ttl=TTL, size=_REMEMBERED
        )

    def current(self, keyring: str) -> DataKey:
        """The data key to encrypt with; makes the first one of a keyring.

        Raises:
            InvalidInput: that is no name of a keyring.
            WrongMasterKey: the keyring is another master key's.
            Damaged: what is stored was changed.
            UnknownKey: the data key was removed.
            StorageError: the storage did not answer, or refused.
        """
        checked(keyring)
        key_id = self._current.get(keyring)
        if key_id is None:
            key_id = self._read_current(keyring) or self._create_first(keyring)
            self._current.put(keyring, key_id)
        return self.get(keyring, key_id)

    def get(self, keyring: str, key_id: str) -> DataKey:
        """The data key of that id. Changes nothing in the storage.

        Raises:
            InvalidInput: that is no name of a keyring.
            WrongMasterKey: it was wrapped with another master key.
            Damaged: what is stored was changed.
            UnknownKey: the keyring has no such key.
            StorageError: the storage did not answer, or refused.
        """
        checked(keyring)
        key = self._keys.get((keyring, key_id))
        if key is None:
            name = _key_name(keyring, key_id)
            stored = self._storage.get(name)
            if stored is None:
                raise UnknownKey(
                    f"keyring {keyring!r} has no data key {key_id}: name the keyring that it was "
                    f"encrypted for, or restore {name} from a backup"
                )
            key = unwrap(stored, keyring, key_id, self._master)
            self._keys.put((keyring, key_id), key)
        return key

    def _read_current(self, keyring: str) -> str | None:
        name = _current_name(keyring)
        stored = self._storage.get(name)
        if stored is None:
            return None
        if not _KEY_ID.fullmatch(stored):
            raise Damaged(
                f"{name}: holds {len(stored)} bytes that are no data key's id: restore it from a "
                "backup, or remove it and the next encryption starts a new data key"
            )
        return stored.decode()

    def _create_first(self, keyring: str) -> str:
        """The id of the keyring's first data key: ours, or that of whoever was faster."""
        key = DataKey.generate()
        self._storage.create(_key_name(keyring, key.id), wrap(key, keyring, self._master))
        if self._storage.create(_current_name(keyring), key.id.encode()):
            return key.id
        # Our own key stays behind unused. It is not removed: a create whose answer got lost may
        # have made it the current one.
        current = self._read_current(keyring)
        if current is None:
            raise StorageRefused(
                f"{_current_name(keyring)}: is there to be kept and not there to be read: let "
                "nothing else write to the vault's part of the storage, then try again"
            )
        return current


def _key_name(keyring: str, key_id: str) -> str:
    return f"keyrings/{keyring}/keys/{key_id}"


def _current_name(keyring: str) -> str:
    return f"keyrings/{keyring}/current"
