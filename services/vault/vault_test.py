"""The vault's own logic, in memory. What S3 does is in integration/."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from pkg.clock import FakeClock
from services.vault.errors import (
    Damaged,
    DamagedRecord,
    InvalidInput,
    StorageUnavailable,
    UnknownKey,
    VaultError,
    WrongMasterKey,
)
from services.vault.keyring import MasterKey, MasterKeys, envelope
from services.vault.keyring.uses import FIRST_LOT
from services.vault.storage import MemoryStorage, Storage, Stored
from services.vault.storage.contract import content
from services.vault.storage.corrupting import CorruptingStorage
from services.vault.storage.failing import FailingStorage
from services.vault.vault import MAX_PLAINTEXT_BYTES, Vault

MASTER = MasterKey(bytes(range(32)))


def on(storage: Storage, *masters: MasterKey) -> Vault:
    """A vault that has read nothing yet."""
    return Vault(storage, MasterKeys(masters or [MASTER]))


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def vault(storage: MemoryStorage, clock: FakeClock) -> Vault:
    return Vault(storage, MasterKeys([MASTER]), clock)


@pytest.mark.parametrize("plaintext", [b"", b"x", bytes(range(256)), b"\0" * MAX_PLAINTEXT_BYTES])
def test_what_is_encrypted_is_decrypted(vault: Vault, plaintext: bytes) -> None:
    """Any bytes up to the limit come back."""
    assert vault.decrypt("payments", vault.encrypt("payments", plaintext)) == plaintext


def test_equal_plaintexts_have_different_ciphertexts(vault: Vault) -> None:
    """Who reads the database can't tell which users have the same secret."""
    assert vault.encrypt("payments", b"same") != vault.encrypt("payments", b"same")


def test_what_is_remembered_needs_no_storage(storage: MemoryStorage) -> None:
    """The forms that never wait give nothing before the first real one, and all after it."""
    counting = FailingStorage(storage)
    vault = on(counting)
    assert vault.try_encrypt("payments", b"a secret") is None
    ciphertext = on(storage).encrypt("payments", b"a secret")
    assert vault.try_decrypt("payments", ciphertext) is None
    assert counting.calls == 0
    assert vault.decrypt("payments", ciphertext) == b"a secret"
    vault.encrypt("payments", b"a secret")
    before = counting.calls
    assert vault.try_decrypt("payments", ciphertext) == b"a secret"
    again = vault.try_encrypt("payments", b"another")
    assert again is not None
    assert vault.decrypt("payments", again) == b"another"
    assert counting.calls == before


def test_bulk_is_what_single_calls_are(vault: Vault) -> None:
    """In the same order, with the same key; none at all is no error."""
    plaintexts = [b"%d" % number for number in range(5000)]
    ciphertexts = vault.encrypt_bulk("payments", plaintexts)
    assert [vault.decrypt("payments", each) for each in ciphertexts[:10]] == plaintexts[:10]
    assert vault.decrypt_bulk("payments", ciphertexts) == plaintexts
    assert vault.encrypt_bulk("payments", []) == []
    assert vault.decrypt_bulk("payments", []) == []


def test_in_bulk_one_that_is_refused_hides_no_other(vault: Vault) -> None:
    """Each refused one has its own reason."""
    good = vault.encrypt("payments", b"a secret")
    other = vault.encrypt("payroll", b"a secret")
    results = vault.decrypt_bulk("payments", [good, good + b"\0", other, b"", good])
    assert [type(result) for result in results] == [bytes, Damaged, UnknownKey, Damaged, bytes]


def test_in_bulk_the_storage_is_asked_once_for_each_data_key(
    vault: Vault, storage: MemoryStorage
) -> None:
    """For one that is there, and for one that is not: a wrong keyring's name costs one request."""
    ciphertexts = [vault.encrypt("payments", b"%d" % number) for number in range(50)]
    vault.create_data_key("payroll")
    for keyring, kind in (("payments", bytes), ("payroll", UnknownKey)):
        counting = FailingStorage(storage)
        results = on(counting).decrypt_bulk(keyring, ciphertexts)
        assert {type(result) for result in results} == {kind}
        assert counting.calls == 1


def test_bulk_decryption_ends_with_its_patience(storage: MemoryStorage, clock: FakeClock) -> None:
    """However many data keys are named; what is remembered needs none."""

    class Slow(FailingStorage):
        def get(self, name: str) -> Stored | None:
            clock.advance(timedelta(seconds=1))
            return super().get(name)

    slow = Slow(storage)
    vault = Vault(slow, MasterKeys([MASTER]), clock)
    good = vault.encrypt("payments", b"a secret")
    before = slow.calls
    unknown = [good[:3] + bytes([number]) * 16 + good[19:] for number in range(100)]
    with pytest.raises(StorageUnavailable, match=r"'payments'.*give fewer at a time"):
        vault.decrypt_bulk("payments", unknown, timedelta(seconds=3))
    assert slow.calls == before + 3
    assert vault.decrypt_bulk("payments", [good], timedelta()) == [b"a secret"]


@pytest.mark.parametrize("before", [0, 1])
def test_in_bulk_each_counts_as_an_encryption(vault: Vault, before: int) -> None:
    """Of a data key's first lot, by an instance that knows the keyring and by one that does not:
    the bound is for all that the key does."""
    for _ in range(before):
        vault.encrypt("payments", b"")
    vault.encrypt_bulk("payments", [b""] * (FIRST_LOT - before))
    assert vault.try_encrypt("payments", b"") is None


def test_in_bulk_one_that_is_too_long_refuses_all(vault: Vault, storage: MemoryStorage) -> None:
    """Before anything is stored or encrypted."""
    with pytest.raises(InvalidInput, match="is the most"):
        vault.encrypt_bulk("payments", [b"short", b"\0" * (MAX_PLAINTEXT_BYTES + 1)])
    assert storage.names() == []


def test_reencryption_is_to_the_latest_data_key_or_a_named_one(vault: Vault) -> None:
    """The plaintext stays, and the old ciphertext stays good."""
    old = vault.encrypt("payments", b"a secret")
    first = envelope.key_id(old)
    second = vault.create_data_key("payments")
    new = vault.reencrypt("payments", old)
    assert envelope.key_id(new) == second != first
    back = vault.reencrypt("payments", new, first)
    assert envelope.key_id(back) == first
    assert {vault.decrypt("payments", each) for each in (old, new, back)} == {b"a secret"}


def test_reencryption_to_a_key_of_another_keyring_is_refused(vault: Vault) -> None:
    """Nor is a key that is none taken for an object's name."""
    ciphertext = vault.encrypt("payments", b"a secret")
    theirs = vault.create_data_key("payroll")
    with pytest.raises(UnknownKey, match=f"keyring 'payments' has no data key {theirs}"):
        vault.reencrypt("payments", ciphertext, theirs)
    for none in ("", "../../payroll/current", theirs.upper(), theirs + "0"):
        with pytest.raises(InvalidInput, match="a data key's id has 32 hexadecimal digits"):
            vault.reencrypt("payments", ciphertext, none)


def test_a_roll_moves_all_keyrings_to_the_newest_master_key(storage: MemoryStorage) -> None:
    """An instance with the old key alone wrote, one with both rolls, one with the new reads."""
    new = MasterKey.generate()
    kept = {each: on(storage).encrypt(each, each.encode()) for each in ("payments", "payroll")}
    rolled = on(storage, MASTER, new).roll()
    assert (rolled.seen, rolled.rewrapped, rolled.damaged, rolled.next) == (6, 6, (), "")
    for keyring, ciphertext in kept.items():
        assert on(storage, new).decrypt(keyring, ciphertext) == keyring.encode()
        with pytest.raises(WrongMasterKey):
            on(storage).decrypt(keyring, ciphertext)


def test_a_roll_ends_with_its_patience(storage: MemoryStorage, clock: FakeClock) -> None:
    """By the instance's clock, and says where to go on."""

    class Slow(FailingStorage):
        def replace(self, name: str, content: bytes, version: str) -> bool:
            clock.advance(timedelta(seconds=1))
            return super().replace(name, content, version)

    on(storage).encrypt("payments", b"a secret")
    both = MasterKeys([MASTER, MasterKey.generate()])
    rolled = Vault(Slow(storage), both, clock).roll(patience=timedelta(seconds=2))
    assert (rolled.seen, rolled.rewrapped) == (2, 2)
    assert rolled.next == storage.names()[1]
    with pytest.raises(InvalidInput, match="a limit of 0 objects"):
        Vault(storage, both, clock).roll(limit=0)


def test_keyrings_have_data_keys_of_their_own(vault: Vault, storage: MemoryStorage) -> None:
    """One each, whatever the number of encryptions; decrypting makes none."""
    for _ in range(3):
        payments = vault.encrypt("payments", b"a secret")
        vault.encrypt("payroll", b"a secret")
    with pytest.raises(UnknownKey, match="keyring 'sessions' has no data key"):
        vault.decrypt("sessions", payments)
    names = [name.rsplit("/", 1)[0] for name in storage.names()]
    assert names == [
        "keyrings/payments",
        "keyrings/payments/keys",
        "keyrings/payments/uses",
        "keyrings/payroll",
        "keyrings/payroll/keys",
        "keyrings/payroll/uses",
    ]


def test_nothing_readable_is_stored(vault: Vault, storage: MemoryStorage) -> None:
    """Neither a plaintext nor the master key."""
    vault.encrypt("payments", b"a secret")
    for name in storage.names():
        assert b"a secret" not in content(storage, name)
        assert bytes(range(32)) not in content(storage, name)


def test_an_instance_with_another_master_key_is_refused(
    vault: Vault, storage: MemoryStorage
) -> None:
    """Both ways: it can neither read what is there nor add what others could not read."""
    ciphertext = vault.encrypt("payments", b"a secret")
    before = storage.names()
    third = on(storage, MasterKey.generate())
    with pytest.raises(WrongMasterKey, match=MASTER.id):
        third.decrypt("payments", ciphertext)
    with pytest.raises(WrongMasterKey, match=MASTER.id):
        third.encrypt("payments", b"another secret")
    assert storage.names() == before


def test_each_flipped_bit_of_a_stored_data_key_is_refused(
    vault: Vault, storage: MemoryStorage
) -> None:
    """A cold instance decrypts nothing with it, and encrypts nothing with it."""
    ciphertext = vault.encrypt("payments", b"a secret")
    for bit in range(95 * 8):
        cold = on(CorruptingStorage(storage, flip_bit=bit, only="/keys/"))
        with pytest.raises((DamagedRecord, WrongMasterKey)):
            cold.decrypt("payments", ciphertext)
        with pytest.raises((DamagedRecord, WrongMasterKey)):
            cold.encrypt("payments", b"a secret")


def test_an_outage_is_raised_and_nothing_is_encrypted(storage: MemoryStorage) -> None:
    """There is no falling back to a key that is not stored."""
    away = on(FailingStorage(storage, fail=range(100)))
    operations: list[Callable[[], object]] = [
        lambda: away.encrypt("payments", b"a secret"),
        lambda: away.encrypt_bulk("payments", [b"a secret"]),
        lambda: away.create_data_key("payments"),
        lambda: away.roll(),
        lambda: away.check(),
    ]
    for operation in operations:
        with pytest.raises(StorageUnavailable, match="as it was told to"):
            operation()
    assert storage.names() == []
    on(storage).check()


def test_a_check_of_a_full_storage_is_no_work() -> None:
    """Anyone may have it done once a second: it is told no names."""

    class Telling(MemoryStorage):
        """Keeps what it tells."""

        def names(self, prefix: str = "", after: str = "", limit: int = 1000) -> list[str]:
            # As S3 does for any limit: minio-py asks for a thousand.
            told = super().names(prefix, after)
            self.told = told
            return told[:limit]

    storage = Telling()
    for keyring in ("a", "Z", "0"):
        on(storage).create_data_key(keyring)
    on(storage).check()
    assert storage.told == []


def test_a_plaintext_over_the_limit_is_refused(vault: Vault, storage: MemoryStorage) -> None:
    """Before anything is stored."""
    with pytest.raises(InvalidInput, match="16777217 bytes, and 16777216 is the most"):
        vault.encrypt("payments", b"\0" * (MAX_PLAINTEXT_BYTES + 1))
    assert storage.names() == []


@pytest.mark.parametrize("name", ["", "../payments", "a/b", "x" * 65, "zahlungen-ä", "a\0", "a\n"])
def test_what_is_no_keyring_is_refused(vault: Vault, storage: MemoryStorage, name: str) -> None:
    """For every operation."""
    ciphertext = vault.encrypt("payments", b"a secret")
    before = storage.names()
    operations: list[Callable[[], object]] = [
        lambda: vault.encrypt(name, b"a secret"),
        lambda: vault.encrypt_bulk(name, [b"a secret"]),
        lambda: vault.decrypt(name, ciphertext),
        lambda: vault.decrypt_bulk(name, [ciphertext]),
        lambda: vault.decrypt_bulk(name, []),
        lambda: vault.reencrypt(name, ciphertext),
        lambda: vault.create_data_key(name),
    ]
    for operation in operations:
        with pytest.raises(InvalidInput, match="keyring"):
            operation()
    assert storage.names() == before


def test_no_error_shows_a_secret(vault: Vault, storage: MemoryStorage) -> None:
    """Whatever goes wrong, the message can go into a log."""
    ciphertext = vault.encrypt("payments", b"a secret")
    other = MasterKey.generate()
    broken = CorruptingStorage(storage, flip_bit=-1)
    failures: list[Callable[[], bytes]] = [
        lambda: on(storage, other).decrypt("payments", ciphertext),
        lambda: on(broken).decrypt("payments", ciphertext),
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
