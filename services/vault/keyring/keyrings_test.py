"""Which data key is used, and when the storage is asked."""

import pytest

from pkg.clock import FakeClock
from services.vault.errors import Damaged, StorageRefused, UnknownKey, WrongMasterKey
from services.vault.keyring import Keyrings, MasterKey
from services.vault.keyring.keyrings import TTL
from services.vault.storage import MemoryStorage
from services.vault.storage.corrupting import CorruptingStorage

MASTER = MasterKey(bytes(range(32)))
CURRENT = "keyrings/payments/current"


class Overtaken(MemoryStorage):
    """Another instance is faster, each time between this one's look and its create."""

    def __init__(self, other: MasterKey, clock: FakeClock) -> None:
        super().__init__()
        self.other = Keyrings(self, other, clock)
        self._busy = False

    def create(self, name: str, content: bytes) -> bool:
        if name.endswith("/current") and not self._busy:
            self._busy = True
            self.other.current(name.split("/")[1])
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
    return Keyrings(storage, MASTER, clock)


def test_the_first_data_key_stays_the_current_one(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """For this instance, for the next one, and after all that was remembered is forgotten."""
    key = keyrings.current("payments")
    assert storage.names == [CURRENT, f"keyrings/payments/keys/{key.id}"]
    assert Keyrings(storage, MASTER, clock).current("payments").id == key.id
    clock.advance(TTL)
    assert keyrings.current("payments").id == key.id
    assert keyrings.get("payments", key.id).secret == key.secret


def test_who_is_overtaken_uses_the_other_ones_key(clock: FakeClock) -> None:
    """Both have stored a key, and one of the two is the current one for both."""
    storage = Overtaken(MASTER, clock)
    mine = Keyrings(storage, MASTER, clock).current("payments")
    assert mine.id == storage.other.current("payments").id
    assert len([name for name in storage.names if "/keys/" in name]) == 2


def test_who_is_overtaken_by_another_master_key_is_refused(clock: FakeClock) -> None:
    """Two instances that were started wrongly don't share a keyring, not even its first second."""
    theirs = MasterKey.generate()
    with pytest.raises(WrongMasterKey, match=theirs.id):
        Keyrings(Overtaken(theirs, clock), MASTER, clock).current("payments")


def test_the_storage_is_asked_again_after_a_while(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """A key removed from the storage is gone from running instances within five minutes."""
    key = keyrings.current("payments")
    storage.remove(f"keyrings/payments/keys/{key.id}")
    assert keyrings.get("payments", key.id).id == key.id
    clock.advance(TTL)
    with pytest.raises(UnknownKey, match=f"restore keyrings/payments/keys/{key.id}"):
        keyrings.get("payments", key.id)
    with pytest.raises(UnknownKey):
        keyrings.current("payments")


def test_a_lost_pointer_starts_a_new_key_and_the_old_stay(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """Nothing that was encrypted becomes unreadable by it."""
    old = keyrings.current("payments")
    storage.remove(CURRENT)
    cold = Keyrings(storage, MASTER, clock)
    assert cold.current("payments").id != old.id
    assert cold.get("payments", old.id).secret == old.secret


@pytest.mark.parametrize("content", [b"", b"0f" * 15, b"0F" * 16, b"0f" * 16 + b"\n", b"\xff" * 32])
def test_a_pointer_that_is_no_id_is_damage(
    keyrings: Keyrings, storage: MemoryStorage, content: bytes
) -> None:
    """The message names the object."""
    storage.create(CURRENT, content)
    with pytest.raises(Damaged, match=f"{CURRENT}: holds {len(content)} bytes"):
        keyrings.current("payments")


def test_a_flipped_bit_in_the_pointer_leads_to_no_other_key(
    keyrings: Keyrings, storage: MemoryStorage, clock: FakeClock
) -> None:
    """It is no id any more, or that of a key which is not there."""
    keyrings.current("payments")
    for bit in range(32 * 8):
        damaged = CorruptingStorage(storage, flip_bit=bit, only="/current")
        with pytest.raises((Damaged, UnknownKey)):
            Keyrings(damaged, MASTER, clock).current("payments")


def test_a_storage_that_contradicts_itself_is_an_error(clock: FakeClock) -> None:
    """There and not there: no endless trying, and no key that is stored nowhere."""
    with pytest.raises(StorageRefused, match=CURRENT):
        Keyrings(Forgetful(), MASTER, clock).current("payments")
