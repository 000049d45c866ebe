"""Re-encryption over many data keys, and at every edge of a plaintext's size."""

import secrets

import pytest

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3, S3Server
from services.vault.errors import InvalidInput
from services.vault.keyring import MasterKey, envelope
from services.vault.testutil.instances import BUCKET, instance
from services.vault.testutil.kept import Kept, unreadable
from services.vault.vault import MAX_PLAINTEXT_BYTES, Vault

KIB, MIB = 1 << 10, 1 << 20
# Around a block of AES, a page, and powers of two up to the limit.
SIZES = [0, 1, 15, 16, 17]
SIZES += [edge + by for edge in (4 * KIB, 64 * KIB, MIB) for by in (-1, 0, 1)]
SIZES += [16 * MIB - 1, 16 * MIB]

MASTER = MasterKey(bytes(range(32)))
DATA_KEYS = 20


@pytest.fixture
def s3(dockertest: Scope) -> S3Server:
    return dockertest.start(S3(buckets=[BUCKET]))


def test_every_size_goes_from_one_data_key_to_the_next(s3: S3Server) -> None:
    """To the latest and back to a named one, by cold instances; the first ciphertexts stay good."""
    kept = []
    data_keys = []
    vault = instance(s3, MASTER)
    for size in SIZES:
        data_keys.append(vault.create_data_key("payments"))
        plaintext = secrets.token_bytes(size)
        kept.append(Kept("payments", plaintext, vault.encrypt("payments", plaintext)))
    assert [envelope.key_id(each.ciphertext) for each in kept] == data_keys
    latest = vault.create_data_key("payments")

    cold = instance(s3, MASTER)
    moved = [moved_to(cold, each, latest, named=False) for each in kept]
    assert unreadable(instance(s3, MASTER), moved) == []
    named = instance(s3, MASTER)
    back = [moved_to(named, each, data_keys[0], named=True) for each in moved]
    assert unreadable(instance(s3, MASTER), back + kept) == []


def test_a_ciphertext_goes_to_any_named_data_key(s3: S3Server) -> None:
    """Of twenty, older and newer ones, from each to each next; then all to the latest."""
    vault = instance(s3, MASTER)
    data_keys = [vault.create_data_key("payments") for _ in range(DATA_KEYS)]
    kept = [Kept("payments", b"a secret", vault.encrypt("payments", b"a secret"))]
    assert envelope.key_id(kept[0].ciphertext) == data_keys[-1]
    for number in range(2 * DATA_KEYS):
        named = data_keys[(number * 7) % DATA_KEYS]
        kept.append(moved_to(vault, kept[-1], named, named=True))
    cold = instance(s3, MASTER)
    kept += [moved_to(cold, each, data_keys[-1], named=False) for each in kept]
    assert unreadable(instance(s3, MASTER), kept) == []


def test_a_byte_above_the_limit_is_refused(s3: S3Server) -> None:
    """By single and bulk encryption, and it leaves nothing behind."""
    vault = instance(s3, MASTER)
    too_long = bytes(MAX_PLAINTEXT_BYTES + 1)
    assert len(too_long) == SIZES[-1] + 1
    with pytest.raises(InvalidInput, match="16777217 bytes, and 16777216 is the most"):
        vault.encrypt("payments", too_long)
    with pytest.raises(InvalidInput, match="16777217 bytes, and 16777216 is the most"):
        vault.encrypt_bulk("payments", [b"short", too_long])
    assert list(s3.client().list_objects(BUCKET, recursive=True)) == []


def moved_to(vault: Vault, old: Kept, key_id: str, *, named: bool) -> Kept:
    """A ciphertext of the same plaintext, by that data key: as the latest one, or by its name."""
    new = vault.reencrypt(old.keyring, old.ciphertext, key_id if named else None)
    assert envelope.key_id(new) == key_id
    assert len(new) == len(old.plaintext) + envelope.OVERHEAD_BYTES
    assert new != old.ciphertext
    return Kept(old.keyring, old.plaintext, new)
