"""How often a data key may still encrypt.

A data key may seal `MAX_SEALS` times, over all instances and all their lives. So the encryptions
are given out: an instance takes a lot of them by a conditional write to the storage before it does
the first, and what it has taken and not used when it ends is lost. Lots begin small, for instances
that start often, and grow, for those that have much to do.
"""

import itertools

from services.vault.errors import StorageUnavailable
from services.vault.keyring.cipher import MAX_SEALS
from services.vault.keyring.data_key import DataKey
from services.vault.keyring.record import COUNT_BYTES, Kind, Record
from services.vault.keyring.records import Records

FIRST_LOT = 1 << 12
_LARGEST_LOT = 1 << 20
_GROWTH = 16
# Of instances that take at the same moment, one succeeds each time.
_TRIES = 100


class Lot:
    """Encryptions that this instance may do. Usable from several threads.

    Args:
        size: how many.
    """

    __slots__ = ("_next", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        # One step of the counter is atomic, and quicker than a lock: encrypting waits for it.
        self._next = itertools.count(1).__next__

    def take(self, uses: int) -> bool:
        """Takes so many of them and returns True, or ends the lot where there are not so many."""
        while uses > 1:
            self._next()
            uses -= 1
        return self._next() <= self.size

    @property
    def following(self) -> int:
        """The size of the lot after this one."""
        return min(self.size * _GROWTH, _LARGEST_LOT)


def take_lot(records: Records, key: DataKey, size: int) -> Lot | None:
    """A lot of a data key's encryptions, or None where there are not so many left.

    Raises:
        WrongMasterKey: the count was sealed with a master key that is not here.
        DamagedRecord: the stored count was changed.
        StorageError: the storage did not answer, or refused.
    """
    for _ in range(_TRIES):
        found = records.get(Kind.USES, key.keyring, key.id)
        given = int.from_bytes(found.record.payload) if found else 0
        if given + size > MAX_SEALS:
            return None
        count = (given + size).to_bytes(COUNT_BYTES)
        new = Record(Kind.USES, key.keyring, key.id, count)
        # One that is stored and said not to be is lost: less is used than was given out.
        if records.replace(new, found.version) if found else records.create(new):
            return Lot(size)
    raise StorageUnavailable(
        f"data key {key.id} of keyring {key.keyring!r}: others changed its count each time in "
        f"{_TRIES} tries: try again later"
    )
