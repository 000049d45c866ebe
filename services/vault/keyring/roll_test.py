"""A roll seals everything anew, at any point of which it may end."""

from itertools import count

import pytest

from services.vault.errors import StorageUnavailable
from services.vault.keyring import MasterKey, MasterKeys, Rolled, record
from services.vault.keyring.record import Kind, Record
from services.vault.keyring.records import Records, object_name
from services.vault.keyring.roll import roll
from services.vault.storage import MemoryStorage, Storage
from services.vault.storage.corrupting import CorruptingStorage
from services.vault.storage.failing import FailingStorage, Lost

OLD, NEW = MasterKey(b"o" * 32), MasterKey(b"n" * 32)
BOTH = MasterKeys([OLD, NEW])
KEY_ID = "0f" * 16
RECORDS = [
    Record(kind, keyring, KEY_ID, bytes(kind.payload_bytes))
    for keyring in ("payments", "payroll")
    for kind in Kind
]


@pytest.fixture
def storage() -> MemoryStorage:
    """Two keyrings that the old master key has wrapped."""
    storage = MemoryStorage()
    for each in RECORDS:
        Records(storage, MasterKeys([OLD])).create(each)
    return storage


def rolled(storage: Storage, after: str = "", limit: int = 1000, steps: int = 1000) -> Rolled:
    """What a roll says that is out of time after some steps."""
    times = count(1)
    return roll(Records(storage, BOTH), after, limit, lambda: next(times) >= steps)


def readable(storage: Storage, masters: MasterKeys) -> bool:
    """Whether all records can be read, and are what they were."""
    records = Records(storage, masters)
    found = [records.get(each.kind, each.keyring, each.key_id) for each in RECORDS]
    return [one.record for one in found if one] == RECORDS


def test_afterwards_the_old_master_key_is_not_needed(storage: MemoryStorage) -> None:
    """Each record is what it was; rolling again finds nothing to do."""
    assert rolled(storage) == Rolled(6, 6, (), "")
    assert readable(storage, MasterKeys([NEW]))
    before = [storage.get(name) for name in storage.names()]
    assert rolled(storage) == Rolled(6, 0, (), "")
    assert [storage.get(name) for name in storage.names()] == before


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_it_goes_on_where_it_was_out_of_time(storage: MemoryStorage, steps: int) -> None:
    """Each part does at least one object, and all parts do each object once."""
    after, seen, rewrapped = "", 0, 0
    while seen < 6:
        part = rolled(storage, after, steps=steps)
        assert part.seen >= 1
        after, seen, rewrapped = part.next, seen + part.seen, rewrapped + part.rewrapped
    assert (after, seen, rewrapped) == ("", 6, 6)
    assert readable(storage, MasterKeys([NEW]))


def test_it_goes_on_after_its_limit(storage: MemoryStorage) -> None:
    """The last part may be empty."""
    parts = [rolled(storage, limit=3)]
    while parts[-1].next:
        parts.append(rolled(storage, parts[-1].next, limit=3))
    assert [part.seen for part in parts] == [3, 3, 0]
    assert readable(storage, MasterKeys([NEW]))


@pytest.mark.parametrize("lost", Lost)
@pytest.mark.parametrize("call", range(13))
def test_an_outage_at_any_call_loses_nothing(storage: MemoryStorage, call: int, lost: Lost) -> None:
    """All stays readable with both keys, and a second roll ends the work."""
    with pytest.raises(StorageUnavailable):
        rolled(FailingStorage(storage, fail={call}, lost=lost))
    assert readable(storage, BOTH)
    assert rolled(storage).next == ""
    assert readable(storage, MasterKeys([NEW]))


def test_there_are_thirteen_calls(storage: MemoryStorage) -> None:
    """A list, and for each of six objects a get and a replace: the test above knows them all."""
    counting = FailingStorage(storage)
    rolled(counting)
    assert counting.calls == 13


def test_what_changes_meanwhile_is_not_overwritten(storage: MemoryStorage) -> None:
    """A count that grows between the roll's look and its write keeps what it grew to."""
    grown = Record(Kind.USES, "payroll", KEY_ID, b"\0\0\0\0\0\0\0\x05")
    name = object_name(grown.kind, grown.keyring, KEY_ID)

    class Growing(CorruptingStorage):
        def replace(self, at: str, content: bytes, version: str) -> bool:
            found = storage.get(name)
            if at == name and found is not None and found.version == version == first:
                storage.replace(name, record.seal(grown, MasterKeys([OLD])), version)
            return super().replace(at, content, version)

    stored = storage.get(name)
    assert stored is not None
    first = stored.version
    assert rolled(Growing(storage, flip_bit=0, only="nothing")).rewrapped == 6
    found = Records(storage, MasterKeys([NEW])).get(Kind.USES, "payroll", KEY_ID)
    assert found is not None
    assert found.record == grown


def test_what_can_not_be_opened_is_named_and_left(storage: MemoryStorage) -> None:
    """Damage, a stranger's file, a third master key: the others are done nevertheless."""
    damaged = "keyrings/payments/current"
    found = storage.get(damaged)
    assert found is not None
    storage.replace(damaged, found.content[:-1], found.version)
    stranger = f"keyrings/payments/keys/{KEY_ID}.bak"
    storage.create(stranger, b"a copy")
    third = Record(Kind.CURRENT, "sessions", KEY_ID)
    Records(storage, MasterKeys([MasterKey(b"t" * 32)])).create(third)
    left = {name: storage.get(name) for name in (damaged, stranger, "keyrings/sessions/current")}
    assert rolled(storage) == Rolled(8, 5, tuple(sorted(left)), "")
    assert {name: storage.get(name) for name in left} == left
