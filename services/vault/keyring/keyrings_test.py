"""Which data key is used, and when the storage is asked."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from pkg.clock import FakeClock
from services.vault.errors import (
    DamagedRecord,
    StorageError,
    StorageRefused,
    StorageUnavailable,
    UnknownKey,
    WornOut,
    WrongMasterKey,
)
from services.vault.keyring import DataKey, Keyrings, MasterKey, MasterKeys
from services.vault.keyring.cipher import MAX_SEALS
from services.vault.keyring.keyrings import TTL
from services.vault.keyring.record import Kind, Record
from services.vault.keyring.records import Records
from services.vault.keyring.uses import FIRST_LOT
from services.vault.storage import MemoryStorage, Storage
from services.vault.storage.corrupting import CorruptingStorage
from services.vault.storage.failing import FailingStorage, Lost

MASTERS = MasterKeys([MasterKey(bytes(range(32)))])
CURRENT = "keyrings/payments/current"


class Overtaken(MemoryStorage):
    """Another instance is faster, each time between this one's look and its create."""

    def __init__(self, other: MasterKeys, clock: FakeClock) -> None:
        super().__init__()
        self.other = Keyrings(Records(self, other), clock)
        self._busy = False

    def create(self, name: str, content: bytes) -> bool:
        if name.endswith("/current") and not self._busy:
            self._busy = True
            self.other.for_encryption(name.split("/")[1])
        return super().create(name, content)


class Forgetful(MemoryStorage):
    """Says that everything is there, and has nothing."""

    def create(self, name: str, content: bytes) -> bool:
        return False


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def keyrings(storage: MemoryStorage, clock: FakeClock) -> Keyrings:
    return on(storage, clock)


def on(storage: Storage, clock: FakeClock, masters: MasterKeys = MASTERS) -> Keyrings:
    """The keyrings as an instance sees them that has read nothing yet."""
    return Keyrings(Records(storage, masters), clock)


def worn_out(storage: Storage, key: DataKey, left: int = 0) -> None:
    """Lets a data key have so many encryptions left."""
    records = Records(storage, MASTERS)
    count = (MAX_SEALS - left).to_bytes(8)
    found = records.get(Kind.USES, key.keyring, key.id)
    assert found is not None
    assert records.replace(Record(Kind.USES, key.keyring, key.id, count), found.version)


def test_the_first_data_key_stays_the_current_one(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """For this instance, for the next one, and after all that was remembered is forgotten."""
    key = keyrings.for_encryption("payments")
    assert storage.names() == [
        CURRENT,
        f"keyrings/payments/keys/{key.id}",
        f"keyrings/payments/uses/{key.id}",
    ]
    assert on(storage, clock).for_encryption("payments").id == key.id
    clock.advance(TTL)
    assert keyrings.for_encryption("payments").id == key.id
    assert keyrings.get("payments", key.id).secret == key.secret


def test_what_is_remembered_needs_no_storage(storage: MemoryStorage, clock: FakeClock) -> None:
    """For as many encryptions as the first lot has; then it is asked twice, for the current key
    and its count, and once to write the count down."""
    counting = FailingStorage(storage)
    keyrings = on(counting, clock)
    key = keyrings.for_encryption("payments")
    before = counting.calls
    for _ in range(FIRST_LOT - 1):
        assert keyrings.remembered_for_encryption("payments") is key
    assert counting.calls == before
    assert keyrings.remembered_for_encryption("payments") is None
    assert keyrings.for_encryption("payments") is key
    assert counting.calls == before + 3


def test_what_is_remembered_is_bounded(keyrings: Keyrings) -> None:
    """Memory does not grow with the number of keyrings, nor with that of data keys."""
    first = keyrings.for_encryption("keyring-0")
    for number in range(1, 1000):
        keyrings.for_encryption(f"keyring-{number}")
    assert keyrings.remembered("keyring-0", first.id) is first
    assert keyrings.remembered_for_encryption("keyring-0") is first
    for number in range(1000, 2000):
        keyrings.for_encryption(f"keyring-{number}")
    assert keyrings.remembered("keyring-0", first.id) is None
    assert keyrings.remembered_for_encryption("keyring-0") is None


def test_forgetting_wastes_no_encryptions(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """An instance goes on with its lot when it has asked for the current key again."""
    key = keyrings.for_encryption("payments")
    uses = storage.get(f"keyrings/payments/uses/{key.id}")
    for _ in range(100):
        clock.advance(TTL)
        keyrings.for_encryption("payments")
    assert storage.get(f"keyrings/payments/uses/{key.id}") == uses


def test_of_threads_that_need_a_key_one_asks(storage: MemoryStorage, clock: FakeClock) -> None:
    """8 at a time make one data key, with as many calls as one alone."""
    alone, together = FailingStorage(MemoryStorage()), FailingStorage(storage)
    on(alone, clock).for_encryption("payments")
    keyrings = on(together, clock)
    start = Barrier(8)

    def one(_: int) -> str:
        start.wait()
        return keyrings.for_encryption("payments").id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(one, range(8)))) == 1
    assert together.calls == alone.calls


def test_a_worn_out_key_gives_way_to_a_new_one(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """In time: before an encryption that it may not do. It goes on decrypting."""
    old = keyrings.for_encryption("payments")
    worn_out(storage, old, left=FIRST_LOT)
    cold = on(storage, clock)
    for _ in range(FIRST_LOT):
        assert cold.for_encryption("payments").id == old.id
    new = cold.for_encryption("payments")
    assert new.id != old.id
    assert on(storage, clock).for_encryption("payments").id == new.id
    assert on(storage, clock).get("payments", old.id).secret == old.secret


def test_a_named_key_that_is_worn_out_says_so(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """It is not replaced by another without a word."""
    key = keyrings.for_encryption("payments")
    assert keyrings.named_for_encryption("payments", key.id).id == key.id
    worn_out(storage, key)
    with pytest.raises(WornOut, match=f"{key.id} of keyring 'payments'.*name a newer one"):
        on(storage, clock).named_for_encryption("payments", key.id)


def test_a_created_key_is_used_from_now_on(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """By this instance at once, by another that remembers an older one after a while."""
    other = on(storage, clock)
    first = other.for_encryption("payments")
    new = keyrings.create("payments")
    assert keyrings.for_encryption("payments").id == new.id != first.id
    assert other.for_encryption("payments").id == first.id
    clock.advance(TTL)
    assert other.for_encryption("payments").id == new.id


def test_creating_makes_a_keyring(keyrings: Keyrings) -> None:
    """Its first data key is the one that was created."""
    assert keyrings.create("payments").id == keyrings.for_encryption("payments").id


def test_who_is_overtaken_uses_the_other_ones_key(clock: FakeClock) -> None:
    """Both have stored a key, and one of the two is the current one for both."""
    storage = Overtaken(MASTERS, clock)
    mine = on(storage, clock).for_encryption("payments")
    assert mine.id == storage.other.for_encryption("payments").id
    assert len([name for name in storage.names() if "/keys/" in name]) == 2


def test_who_is_overtaken_by_another_master_key_is_refused(clock: FakeClock) -> None:
    """Two instances that were started wrongly don't share a keyring, not even its first second."""
    theirs = MasterKey.generate()
    with pytest.raises(WrongMasterKey, match=theirs.id):
        on(Overtaken(MasterKeys([theirs]), clock), clock).for_encryption("payments")


def test_the_storage_is_asked_again_after_a_while(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """A key removed from the storage is gone from running instances within five minutes."""
    key = keyrings.for_encryption("payments")
    storage.remove(f"keyrings/payments/keys/{key.id}")
    assert keyrings.get("payments", key.id).id == key.id
    clock.advance(TTL)
    with pytest.raises(UnknownKey, match=f"restore keyrings/payments/keys/{key.id}"):
        keyrings.get("payments", key.id)
    with pytest.raises(DamagedRecord, match=f"restore keyrings/payments/keys/{key.id}"):
        keyrings.for_encryption("payments")


def test_a_lost_pointer_starts_a_new_key_and_the_old_stay(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """Nothing that was encrypted becomes unreadable by it."""
    old = keyrings.for_encryption("payments")
    storage.remove(CURRENT)
    cold = on(storage, clock)
    assert cold.for_encryption("payments").id != old.id
    assert cold.get("payments", old.id).secret == old.secret


def test_a_flipped_bit_in_the_pointer_leads_to_no_other_key(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """Nor does one in the count lead to more encryptions."""
    keyrings.for_encryption("payments")
    for kind, length in (("/current", 63), ("/uses/", 71)):
        for bit in range(length * 8):
            damaged = CorruptingStorage(storage, flip_bit=bit, only=kind)
            with pytest.raises((DamagedRecord, WrongMasterKey)):
                on(damaged, clock).for_encryption("payments")


@pytest.mark.parametrize("lost", Lost)
@pytest.mark.parametrize("call", range(8))
def test_an_outage_at_any_call_leaves_a_keyring_that_works(
    storage: MemoryStorage, clock: FakeClock, call: int, lost: Lost
) -> None:
    """The first encryption either fails or has a key that all others find."""
    first: DataKey | None = None
    try:
        first = on(FailingStorage(storage, fail={call}, lost=lost), clock).for_encryption(
            "payments"
        )
    except StorageUnavailable:
        assert call < 7
    later = on(storage, clock).for_encryption("payments")
    assert first is None or first.id == later.id
    assert on(storage, clock).get("payments", later.id).secret == later.secret


@pytest.mark.parametrize("call", range(4))
def test_a_request_that_was_repeated_is_no_stranger(
    storage: MemoryStorage, clock: FakeClock, call: int
) -> None:
    """Its first answer got lost, so that the storage says no to its own object."""

    class Repeating(FailingStorage):
        def create(self, name: str, content: bytes) -> bool:
            if self.calls == call:
                storage.create(name, content)
            return super().create(name, content)

    key = on(Repeating(storage), clock).for_encryption("payments")
    assert on(storage, clock).for_encryption("payments").id == key.id


def test_a_storage_that_contradicts_itself_is_an_error(clock: FakeClock) -> None:
    """There and not there: no endless trying, and no key that is stored nowhere."""
    with pytest.raises(StorageRefused, match="keyrings/payments/keys/"):
        on(Forgetful(), clock).for_encryption("payments")


def test_endless_contention_is_an_error(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """Where others change the pointer each time, one gives up and says so."""

    class Contended(FailingStorage):
        def replace(self, name: str, content: bytes, version: str) -> bool:
            return False

    keyrings.for_encryption("payments")
    with pytest.raises(StorageError, match=f"{CURRENT}: changed by others each time"):
        on(Contended(storage), clock).create("payments")
