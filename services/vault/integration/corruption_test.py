"""Each single byte of what a vault wrote is changed, and nothing but its plaintext ever comes back.

The stored records are changed in the real bucket, and read by vaults that know nothing yet; they
share connections to it, since there are some hundreds of them.
"""

import io

import pytest
from minio import Minio

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3
from services.vault.errors import CiphertextRefused, DamagedRecord, WrongMasterKey
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage import S3Storage, Storage
from services.vault.storage.patience import Patience
from services.vault.testutil.instances import BUCKET, LOADED, instance
from services.vault.testutil.kept import encrypted, unreadable
from services.vault.vault import Vault

MASTER = MasterKey(bytes(range(32)))
# What a byte is changed by: its lowest bit, its highest, all.
PATTERNS = [0x01, 0x80, 0xFF]
# Of plaintexts; the last one's ciphertext has 4 KiB.
SIZES = [0, 1, 16, 1000, 4096 - 47]


def test_each_changed_byte_of_a_stored_record_is_refused(dockertest: Scope) -> None:
    """Of the data key: for both directions. Of the pointer and the count: for encryption, while
    what was encrypted stays readable. Given back as it was, each is good again."""
    bucket = dockertest.start(S3(buckets=[BUCKET])).client()
    storage = S3Storage(bucket, BUCKET, patience=Patience(LOADED))
    kept = encrypted(cold(storage), "payments", b"a secret")
    changes = 0
    for name, content in stored(bucket).items():
        for changed in damaged(content):
            put(bucket, name, changed)
            vault = cold(storage)
            with pytest.raises((DamagedRecord, WrongMasterKey), match=name):
                vault.encrypt("payments", b"another secret")
            if "/keys/" in name:
                with pytest.raises((DamagedRecord, WrongMasterKey), match=name):
                    vault.decrypt("payments", kept.ciphertext)
            changes += 1
        put(bucket, name, content)
        assert unreadable(cold(storage), [kept]) == []
    assert changes == (95 + 63 + 71) * len(PATTERNS)
    kept_later = encrypted(cold(storage), "payments", b"another secret")
    assert unreadable(cold(storage), [kept, kept_later]) == []


def test_a_stored_record_of_any_other_length_is_refused(dockertest: Scope) -> None:
    """Cut off at each byte, or with something behind it."""
    bucket = dockertest.start(S3(buckets=[BUCKET])).client()
    storage = S3Storage(bucket, BUCKET, patience=Patience(LOADED))
    cold(storage).encrypt("payments", b"a secret")
    for name, content in stored(bucket).items():
        for length in range(len(content)):
            put(bucket, name, content[:length])
            with pytest.raises(DamagedRecord, match=name):
                cold(storage).encrypt("payments", b"another secret")
        put(bucket, name, content + b"\0")
        with pytest.raises(DamagedRecord, match=name):
            cold(storage).encrypt("payments", b"another secret")
        put(bucket, name, content)


def test_no_record_is_good_in_another_ones_place(dockertest: Scope) -> None:
    """Neither another kind's, nor another data key's of the same keyring, nor another keyring's."""
    bucket = dockertest.start(S3(buckets=[BUCKET])).client()
    storage = S3Storage(bucket, BUCKET, patience=Patience(LOADED))
    vault = cold(storage)
    kept = []
    for keyring in ("payments", "payroll"):
        for _ in range(2):
            vault.create_data_key(keyring)
            kept.append(encrypted(vault, keyring, b"a secret"))
    contents = stored(bucket)
    swaps = [(name, other) for name in contents for other in contents if name != other]
    assert len(swaps) == 10 * 9
    for name, other in swaps:
        put(bucket, name, contents[other])
        reading = cold(storage)
        for each in kept:
            used = name.endswith(f"/keys/{each.ciphertext[3:19].hex()}")
            if used and name.startswith(f"keyrings/{each.keyring}/"):
                with pytest.raises(DamagedRecord, match=name):
                    reading.decrypt(each.keyring, each.ciphertext)
            else:
                assert unreadable(reading, [each]) == []
        put(bucket, name, contents[name])
    assert unreadable(cold(storage), kept) == []


def test_each_changed_byte_of_a_ciphertext_is_refused(dockertest: Scope) -> None:
    """By single and bulk decryption and by re-encryption, up to ciphertexts of 4 KiB."""
    vault = instance(dockertest.start(S3(buckets=[BUCKET])), MASTER)
    for size in SIZES:
        kept = encrypted(vault, "payments", bytes(size))
        changed = damaged(kept.ciphertext)
        assert len(changed) == (size + 47) * len(PATTERNS)
        results = vault.decrypt_bulk("payments", changed)
        assert [each for each in results if not isinstance(each, CiphertextRefused)] == []
        for each in changed[:: len(changed) // 50]:
            with pytest.raises(CiphertextRefused):
                vault.decrypt("payments", each)
            with pytest.raises(CiphertextRefused):
                vault.reencrypt("payments", each)
        assert unreadable(vault, [kept]) == []


def cold(storage: Storage) -> Vault:
    """A vault with nothing in memory."""
    return Vault(storage, MasterKeys([MASTER]))


def damaged(content: bytes) -> list[bytes]:
    """The bytes with one of them changed, for each of them and each pattern."""
    return [
        content[:at] + bytes([content[at] ^ pattern]) + content[at + 1 :]
        for at in range(len(content))
        for pattern in PATTERNS
    ]


def stored(bucket: Minio) -> dict[str, bytes]:
    """All that is in the bucket, by name."""
    names = [str(each.object_name) for each in bucket.list_objects(BUCKET, recursive=True)]
    found = {}
    for name in names:
        with bucket.get_object(BUCKET, name) as answer:
            found[name] = answer.read()
    return found


def put(bucket: Minio, name: str, content: bytes) -> None:
    """Writes over an object, as no vault ever does."""
    bucket.put_object(BUCKET, name, io.BytesIO(content), len(content))
