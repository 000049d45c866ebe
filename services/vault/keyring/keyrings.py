"""The data keys of all keyrings: which one encrypts, and what is remembered of them.

A data key is stored before the keyring's current record names it, so that whoever reads that record
finds the key.
"""

from datetime import timedelta

from pkg.clock import Clock
from pkg.recent import Recent
from services.vault.errors import (
    DamagedRecord,
    StorageRefused,
    StorageUnavailable,
    UnknownKey,
    WornOut,
)
from services.vault.keyring.data_key import DataKey, checked_id
from services.vault.keyring.name import checked
from services.vault.keyring.one_at_a_time import OneAtATime
from services.vault.keyring.record import Kind, Record
from services.vault.keyring.records import Found, Records, object_name
from services.vault.keyring.uses import FIRST_LOT, Lot, take_lot

# How long an instance goes on with what it has read, after the storage has changed.
TTL = timedelta(minutes=5)
_REMEMBERED = 1000
# Lots are small and lost when they are forgotten, so more of them are remembered, and for good.
_LOTS = 100_000
# How often the current key may be found worn out, or changed by others, in one call.
_TRIES = 10


class Keyrings:
    """The data keys of all keyrings. Usable from several threads.

    Args:
        records: the keyrings' in the storage.
        clock: decides when what was read is read anew.
    """

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._current: Recent[str, tuple[DataKey, Lot]] = Recent(
            clock=clock, ttl=TTL, size=_REMEMBERED
        )
        self._keys: Recent[tuple[str, str], DataKey] = Recent(
            clock=clock, ttl=TTL, size=_REMEMBERED
        )
        self._lots: Recent[tuple[str, str], Lot] = Recent(clock=clock, ttl=None, size=_LOTS)
        self._loading = OneAtATime()

    def remembered_for_encryption(self, keyring: str, uses: int = 1) -> DataKey | None:
        """What `for_encryption` gives, or None where the storage would have to be asked."""
        found = self._current.get(keyring)
        if found is None:
            return None
        key, lot = found
        return key if lot.take(uses) else None

    def for_encryption(self, keyring: str, uses: int = 1) -> DataKey:
        """The current data key, for so many encryptions; makes the first one of a keyring.

        A key that has not so many left gives way to a new one.

        Raises:
            InvalidInput: that is no name of a keyring.
            WrongMasterKey: the keyring was wrapped with a master key that is not here.
            DamagedRecord: what is stored was changed, or the data key was removed.
            StorageError: the storage did not answer, or refused.
        """
        with self._loading(checked(keyring)):
            # Meanwhile another thread may have done it.
            if key := self.remembered_for_encryption(keyring, uses):
                return key
            for _ in range(_TRIES):
                current = self._records.get(Kind.CURRENT, keyring)
                if current is None:
                    self._advance(keyring, None)
                    continue
                key = self._named_by(current)
                if lot := self._lot_of(key, uses):
                    self._current.put(keyring, (key, lot))
                    return key
                self._advance(keyring, current)
        raise StorageUnavailable(
            f"{object_name(Kind.CURRENT, keyring)}: changed by others each time in {_TRIES} tries, "
            "or there to be written and not there to be read: try again later"
        )

    def named_for_encryption(self, keyring: str, key_id: str, uses: int = 1) -> DataKey:
        """The data key of that id, for so many encryptions.

        Raises:
            WornOut: it has not so many left.
            InvalidInput, WrongMasterKey, DamagedRecord, UnknownKey, StorageError: as `get`.
        """
        key = self.get(keyring, checked_id(key_id))
        with self._loading(keyring):
            if self._lot_of(key, uses) is None:
                raise WornOut(
                    f"data key {key_id} of keyring {keyring!r} has done all the encryptions that "
                    "it may: name a newer one, or none for the latest"
                )
        return key

    def remembered(self, keyring: str, key_id: str) -> DataKey | None:
        """What `get` gives, or None where the storage would have to be asked."""
        return self._keys.get((keyring, key_id))

    def get(self, keyring: str, key_id: str) -> DataKey:
        """The data key of that id. Changes nothing in the storage.

        Raises:
            InvalidInput: that is no name of a keyring.
            WrongMasterKey: it was wrapped with a master key that is not here.
            DamagedRecord: what is stored was changed.
            UnknownKey: the keyring has no such key.
            StorageError: the storage did not answer, or refused.
        """
        checked(keyring)
        if key := self.remembered(keyring, key_id):
            return key
        found = self._records.get(Kind.KEY, keyring, key_id)
        if found is None:
            raise UnknownKey(
                f"keyring {keyring!r} has no data key {key_id}: name the keyring that it was "
                f"encrypted for, or restore {object_name(Kind.KEY, keyring, key_id)} from a backup"
            )
        key = DataKey(keyring, key_id, found.record.payload)
        self._keys.put((keyring, key_id), key)
        return key

    def create(self, keyring: str) -> DataKey:
        """A new data key, with which is encrypted from now on; by other instances after `TTL`.

        Raises:
            InvalidInput, WrongMasterKey, DamagedRecord, StorageError: as `for_encryption`.
        """
        with self._loading(checked(keyring)):
            for _ in range(_TRIES):
                if key := self._advance(keyring, self._records.get(Kind.CURRENT, keyring)):
                    self._current.forget(keyring)
                    return key
        raise StorageUnavailable(
            f"{object_name(Kind.CURRENT, keyring)}: changed by others each time in {_TRIES} tries: "
            "try again later"
        )

    def _named_by(self, current: Found) -> DataKey:
        try:
            return self.get(current.record.keyring, current.record.key_id)
        except UnknownKey as missing:
            raise DamagedRecord(
                f"{missing}; or let create_data_key() make a new one, and what was encrypted with "
                "the old one stays unreadable"
            ) from None

    def _lot_of(self, key: DataKey, uses: int) -> Lot | None:
        """A lot from which so many were taken, or None where the key has not so many left."""
        lot = self._lots.get((key.keyring, key.id))
        if lot is not None and lot.take(uses):
            return lot
        size = max(lot.following if lot else FIRST_LOT, uses)
        if (lot := take_lot(self._records, key, size)) is None:
            return None
        lot.take(uses)
        self._lots.put((key.keyring, key.id), lot)
        return lot

    def _advance(self, keyring: str, current: Found | None) -> DataKey | None:
        """A new data key in the current one's place, or None where another was faster.

        A key that did not get there stays behind unused. It is not removed: a write whose answer
        got lost may have put it there.
        """
        key = DataKey.generate(keyring)
        new = Record(Kind.KEY, keyring, key.id, key.secret)
        # Not stored, or stored by a first request whose answer got lost.
        if not self._records.create(new) and not self._is_stored(new):
            raise StorageRefused(
                f"{object_name(Kind.KEY, keyring, key.id)}: is there to be kept and not there to "
                "be read: let nothing else write to the vault's part of the storage, then try again"
            )
        pointer = Record(Kind.CURRENT, keyring, key.id)
        if current is None:
            done = self._records.create(pointer)
        else:
            done = self._records.replace(pointer, current.version)
        return key if done else None

    def _is_stored(self, new: Record) -> bool:
        found = self._records.get(new.kind, new.keyring, new.key_id)
        return found is not None and found.record == new
