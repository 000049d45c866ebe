"""Records of keyrings in a storage.

| object | content |
| ------ | ------- |
| keyrings/NAME/current | which data key encrypts |
| keyrings/NAME/keys/ID | a data key |
| keyrings/NAME/uses/ID | how many encryptions of it are given out |
"""

import re
from dataclasses import dataclass

from services.vault.errors import DamagedRecord
from services.vault.keyring import record
from services.vault.keyring.master_keys import MasterKeys
from services.vault.keyring.record import Kind, Record
from services.vault.storage import Storage, Stored

PREFIX = "keyrings/"

_NAME = re.compile(r"keyrings/([^/]+)/(current|keys|uses)(?:/([0-9a-f]{32}))?")
_KINDS = {"current": Kind.CURRENT, "keys": Kind.KEY, "uses": Kind.USES}


@dataclass(frozen=True)
class Found:
    """A record as it was read.

    Attributes:
        record: what it says.
        version: what `replace` needs.
    """

    record: Record
    version: str


class Records:
    """Reads and writes records. Usable from several threads.

    Args:
        storage: holds them.
        masters: seal and open them.
    """

    def __init__(self, storage: Storage, masters: MasterKeys) -> None:
        self._storage = storage
        self._masters = masters

    def get(self, kind: Kind, keyring: str, key_id: str = "") -> Found | None:
        """The record, or None if there is none.

        Args:
            kind: what it is for.
            keyring: the keyring's name.
            key_id: the data key that it is about; "" for the current one.

        Raises:
            WrongMasterKey: it was sealed with a master key that is not here.
            DamagedRecord: what is stored is no such record.
            StorageError: the storage did not answer, or refused.
        """
        name = object_name(kind, keyring, key_id)
        stored = self._storage.get(name)
        if stored is None:
            return None
        return Found(self._opened(stored, kind, keyring, key_id, name), stored.version)

    def create(self, new: Record) -> bool:
        """Stores a record unless there is one, and says whether it did.

        Raises:
            StorageError: the storage did not answer, or refused.
        """
        return self._storage.create(_name_of(new), record.seal(new, self._masters))

    def replace(self, new: Record, version: str) -> bool:
        """Stores a record in place of one of that version, and says whether it did.

        Raises:
            StorageError: the storage did not answer, or refused.
        """
        return self._storage.replace(_name_of(new), record.seal(new, self._masters), version)

    def names(self, after: str, limit: int) -> list[str]:
        """The names of stored objects, sorted: those after a name, or from the first on.

        Raises:
            StorageError: the storage did not answer, or refused.
        """
        return self._storage.names(PREFIX, after, limit)

    def check(self) -> None:
        """Asks the storage for what is never there: S3 would tell a thousand names at a time.

        Raises:
            StorageError: the storage did not answer, or refused.
        """
        self._storage.names(f"{PREFIX}-", "", 1)  # no keyring's name begins so

    def rewrap(self, name: str) -> bool | None:
        """Seals the record of that name with the newest master key.

        Returns:
            Whether it had to be; None where it has changed meanwhile: look again.

        Raises:
            WrongMasterKey: it was sealed with a master key that is not here.
            DamagedRecord: what is stored is no record.
            StorageError: the storage did not answer, or refused.
        """
        keyring, kind, key_id = _parsed(name)
        stored = self._storage.get(name)
        if stored is None:
            return False
        if record.master_id(stored.content, kind, name) == self._masters.newest.id:
            return False
        found = self._opened(stored, kind, keyring, key_id, name)
        content = record.seal(found, self._masters)
        return True if self._storage.replace(name, content, stored.version) else None

    def _opened(self, stored: Stored, kind: Kind, keyring: str, key_id: str, name: str) -> Record:
        found = record.open(stored.content, kind, keyring, self._masters, name)
        if key_id and found.key_id != key_id:
            raise DamagedRecord(
                f"{name}: the record of another data key, {found.key_id}, is stored in its place: "
                "restore it from a backup"
            )
        return found


def object_name(kind: Kind, keyring: str, key_id: str = "") -> str:
    """The name of the object that holds a record."""
    if kind is Kind.CURRENT:
        return f"{PREFIX}{keyring}/current"
    return f"{PREFIX}{keyring}/{'keys' if kind is Kind.KEY else 'uses'}/{key_id}"


def _name_of(new: Record) -> str:
    return object_name(new.kind, new.keyring, new.key_id)


def _parsed(name: str) -> tuple[str, Kind, str]:
    found = _NAME.fullmatch(name)
    if found is None or (found[2] == "current") != (found[3] is None):
        raise DamagedRecord(
            f"{name}: no name that a vault gives: keep what is not the vault's under another prefix"
        )
    return found[1], _KINDS[found[2]], found[3] or ""
