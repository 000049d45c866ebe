"""The vault's own logic, in memory. What S3 does is in integration/."""

from collections.abc import Callable

import pytest

from pkg.clock import FakeClock
from services.vault.errors import (
    Damaged,
    InvalidInput,
    StorageUnavailable,
    UnknownKey,
    VaultError,
    WrongMasterKey,
)
from services.vault.keyring import MasterKey
from services.vault.storage import MemoryStorage
from services.vault.storage.corrupting import CorruptingStorage
from services.vault.vault import MAX_PLAINTEXT_BYTES, Vault

MASTER = MasterKey(bytes(range(32)))


class Away:
    """A storage that nobody reaches."""

    def get(self, name: str) -> bytes | None:
        raise StorageUnavailable(f"{name}: away")

    def create(self, name: str, content: bytes) -> bool:
        raise StorageUnavailable(f"{name}: away")


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def vault(storage: MemoryStorage, clock: FakeClock) -> Vault:
    return Vault(storage, MASTER, clock)


@pytest.mark.parametrize("plaintext", [b"", b"x", bytes(range(256)), b"\0" * MAX_PLAINTEXT_BYTES])
def test_what_is_encrypted_is_decrypted(vault: Vault, plaintext: bytes) -> None:
    """Any bytes up to the limit come back."""
    assert vault.decrypt("payments", vault.encrypt("payments", plaintext)) == plaintext


def test_equal_plaintexts_have_different_ciphertexts(vault: Vault) -> None:
    """Who reads the database can't tell which users have the same secret."""
    assert vault.encrypt("payments", b"same") != vault.encrypt("payments", b"same")


def test_keyrings_have_data_keys_of_their_own(vault: Vault, storage: MemoryStorage) -> None:
    """One each, whatever the number of encryptions; decrypting makes none."""
    for _ in range(3):
        payments = vault.encrypt("payments", b"a secret")
        vault.encrypt("payroll", b"a secret")
    with pytest.raises(UnknownKey, match="keyring 'sessions' has no data key"):
        vault.decrypt("sessions", payments)
    names = [name.rsplit("/", 1)[0] for name in storage.names]
    assert names == [
        "keyrings/payments",
        "keyrings/payments/keys",
        "keyrings/payroll",
        "keyrings/payroll/keys",
    ]


def test_nothing_readable_is_stored(vault: Vault, storage: MemoryStorage) -> None:
    """Neither a plaintext nor the master key."""
    vault.encrypt("payments", b"a secret")
    for name in storage.names:
        content = storage.get(name)
        assert content is not None
        assert b"a secret" not in content
        assert bytes(range(32)) not in content


def test_an_instance_with_another_master_key_is_refused(
    vault: Vault, storage: MemoryStorage
) -> None:
    """Both ways: it can neither read what is there nor add what others could not read."""
    ciphertext = vault.encrypt("payments", b"a secret")
    before = storage.names
    third = Vault(storage, MasterKey.generate())
    with pytest.raises(WrongMasterKey, match=MASTER.id):
        third.decrypt("payments", ciphertext)
    with pytest.raises(WrongMasterKey, match=MASTER.id):
        third.encrypt("payments", b"another secret")
    assert storage.names == before


def test_each_flipped_bit_of_a_stored_data_key_is_refused(
    vault: Vault, storage: MemoryStorage
) -> None:
    """A cold instance decrypts nothing with it, and encrypts nothing with it."""
    ciphertext = vault.encrypt("payments", b"a secret")
    for bit in range(95 * 8):
        cold = Vault(CorruptingStorage(storage, flip_bit=bit, only="/keys/"), MASTER)
        with pytest.raises((Damaged, WrongMasterKey)):
            cold.decrypt("payments", ciphertext)
        with pytest.raises((Damaged, WrongMasterKey)):
            cold.encrypt("payments", b"a secret")


def test_an_outage_is_raised_and_nothing_is_encrypted() -> None:
    """There is no falling back to a key that is not stored."""
    with pytest.raises(StorageUnavailable, match="away"):
        Vault(Away(), MASTER).encrypt("payments", b"a secret")


def test_a_plaintext_over_the_limit_is_refused(vault: Vault, storage: MemoryStorage) -> None:
    """Before anything is stored."""
    with pytest.raises(InvalidInput, match="1048577 bytes, and 1048576 is the most"):
        vault.encrypt("payments", b"\0" * (MAX_PLAINTEXT_BYTES + 1))
    assert storage.names == []


@pytest.mark.parametrize("name", ["", "../payments", "a/b", "x" * 65])
def test_what_is_no_keyring_is_refused(vault: Vault, storage: MemoryStorage, name: str) -> None:
    """For encrypting and for decrypting."""
    with pytest.raises(InvalidInput, match="keyring"):
        vault.encrypt(name, b"a secret")
    with pytest.raises(InvalidInput, match="keyring"):
        vault.decrypt(name, vault.encrypt("payments", b"a secret"))


def test_no_error_shows_a_secret(vault: Vault, storage: MemoryStorage) -> None:
    """Whatever goes wrong, the message can go into a log."""
    ciphertext = vault.encrypt("payments", b"a secret")
    other = MasterKey.generate()
    broken = CorruptingStorage(storage, flip_bit=-1)
    failures: list[Callable[[], bytes]] = [
        lambda: Vault(storage, other).decrypt("payments", ciphertext),
        lambda: Vault(broken, MASTER).decrypt("payments", ciphertext),
        lambda: vault.decrypt("payments", ciphertext + b"\0"),
        lambda: vault.decrypt("payroll", ciphertext),
        lambda: vault.decrypt("payments", b"a secret"),
    ]
    for fail in failures:
        with pytest.raises(VaultError) as failed:
            fail()
        text = f"{failed.value} {failed.value!r}"
        for secret in ("a secret", MASTER.reveal(), other.reveal(), repr(bytes(range(32)))):
            assert secret not in text
