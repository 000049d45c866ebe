"""No data key encrypts more often than it may."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from services.vault.errors import DamagedRecord, StorageUnavailable
from services.vault.keyring import DataKey, MasterKey, MasterKeys
from services.vault.keyring.cipher import MAX_SEALS
from services.vault.keyring.record import Kind, Record
from services.vault.keyring.records import Records, object_name
from services.vault.keyring.uses import FIRST_LOT, Lot, take_lot
from services.vault.storage import MemoryStorage

MASTERS = MasterKeys([MasterKey(bytes(range(32)))])
KEY = DataKey("payments", "0f" * 16, b"d" * 32)


class Contended(MemoryStorage):
    """Somebody else is always faster."""

    def replace(self, name: str, content: bytes, version: str) -> bool:
        return False


def given(storage: MemoryStorage) -> int:
    """How many encryptions of the key are given out."""
    found = Records(storage, MASTERS).get(Kind.USES, KEY.keyring, KEY.id)
    return int.from_bytes(found.record.payload) if found else 0


def test_a_lot_gives_out_what_it_has() -> None:
    """By ones and by several, and nothing beyond."""
    lot = Lot(10)
    assert lot.take(7)
    assert lot.take(1)
    assert not lot.take(3)
    assert not lot.take(1)


def test_a_lot_gives_no_more_to_many_threads() -> None:
    """8 that take all they can get 1,000 together."""
    lot = Lot(1000)
    start = Barrier(8)

    def take_all(_: int) -> int:
        start.wait()
        taken = 0
        while lot.take(1):
            taken += 1
        return taken

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take_all, range(8))) == 1000


def test_lots_grow_up_to_a_bound() -> None:
    """So that an instance with much to do asks the storage seldom."""
    sizes = [FIRST_LOT]
    for _ in range(3):
        sizes.append(Lot(sizes[-1]).following)
    assert sizes == [1 << 12, 1 << 16, 1 << 20, 1 << 20]


def test_what_is_given_out_is_written_down_first() -> None:
    """Over all instances, and an instance that ends takes its rest along."""
    storage = MemoryStorage()
    for instance in range(3):
        assert take_lot(Records(storage, MASTERS), KEY, 100)
        assert given(storage) == 100 * (instance + 1)


def test_instances_that_take_at_the_same_time_take_different_ones() -> None:
    """8 instances with 10 lots each: the count has them all."""
    storage = MemoryStorage()
    start = Barrier(8)

    def take(_: int) -> None:
        start.wait()
        for _ in range(10):
            assert take_lot(Records(storage, MASTERS), KEY, 5)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(take, range(8)))
    assert given(storage) == 8 * 10 * 5


def test_at_the_bound_there_are_no_more() -> None:
    """Not one encryption above 2^32 is given out."""
    storage = MemoryStorage()
    records = Records(storage, MASTERS)
    records.create(Record(Kind.USES, KEY.keyring, KEY.id, (MAX_SEALS - 100).to_bytes(8)))
    assert take_lot(records, KEY, 101) is None
    assert take_lot(records, KEY, 100)
    assert take_lot(records, KEY, 1) is None
    assert given(storage) == MAX_SEALS == 2**32


def test_a_count_that_was_changed_is_refused() -> None:
    """It might be lower than the truth."""
    storage = MemoryStorage()
    assert take_lot(Records(storage, MASTERS), KEY, 100)
    name = object_name(Kind.USES, KEY.keyring, KEY.id)
    stored = storage.get(name)
    assert stored is not None
    assert storage.replace(name, stored.content[:-1] + b"!", stored.version)
    with pytest.raises(DamagedRecord, match=name):
        take_lot(Records(storage, MASTERS), KEY, 100)


def test_endless_contention_is_an_error() -> None:
    """There is no lot that is not written down."""
    storage = Contended()
    assert take_lot(Records(storage, MASTERS), KEY, 1)
    with pytest.raises(StorageUnavailable, match="others changed its count each time"):
        take_lot(Records(storage, MASTERS), KEY, 1)
