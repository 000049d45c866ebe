"""Instances of the vault that share nothing but a bucket and a master key."""

from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from threading import Barrier

import pytest

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3
from services.vault.errors import Damaged, DamagedRecord, UnknownKey, WrongMasterKey
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage import S3Storage
from services.vault.storage.corrupting import CorruptingStorage
from services.vault.testutil.instances import instance
from services.vault.vault import Vault


def test_what_one_instance_encrypts_another_decrypts(dockertest: Scope) -> None:
    """Both have the master key; a third that has another one is refused."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    master_key = MasterKey.generate()

    ciphertext = instance(s3, master_key).encrypt("payments", b"a secret")
    assert b"a secret" not in ciphertext
    assert instance(s3, master_key).decrypt("payments", ciphertext) == b"a secret"

    third = instance(s3, MasterKey.generate())
    with pytest.raises(WrongMasterKey, match=f"wrapped with master key {master_key.id}"):
        third.decrypt("payments", ciphertext)
    with pytest.raises(WrongMasterKey):
        third.encrypt("payments", b"not under a key that the others lack")


def test_a_cold_start_reads_what_all_earlier_instances_left(dockertest: Scope) -> None:
    """Of them nothing is left but the bucket, the ciphertexts and the master key, written down."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    written_down = MasterKey.generate().reveal()
    keyrings = ["payments", "sessions", "webhooks"]
    kept = {
        keyring: instance(s3, MasterKey.from_hex(written_down)).encrypt(keyring, keyring.encode())
        for keyring in keyrings
    }
    cold = instance(s3, MasterKey.from_hex(written_down))
    for keyring, ciphertext in kept.items():
        assert cold.decrypt(keyring, ciphertext) == keyring.encode()


def test_a_cold_start_with_several_master_keys_reads_what_each_has_wrapped(
    dockertest: Scope,
) -> None:
    """In any order; one that lacks a key names it, and still reads what the others wrapped."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    keys = [MasterKey.generate() for _ in range(3)]
    kept = [
        instance(s3, key).encrypt(f"keyring-{number}", b"a secret")
        for number, key in enumerate(keys)
    ]
    for order in permutations(keys):
        cold = instance(s3, *order)
        for number, ciphertext in enumerate(kept):
            assert cold.decrypt(f"keyring-{number}", ciphertext) == b"a secret"

    lacking = instance(s3, keys[2], keys[0])
    assert lacking.decrypt("keyring-0", kept[0]) == b"a secret"
    assert lacking.decrypt("keyring-2", kept[2]) == b"a secret"
    with pytest.raises(WrongMasterKey, match=f"wrapped with master key {keys[1].id}"):
        lacking.decrypt("keyring-1", kept[1])


def test_of_several_master_keys_the_last_one_wraps(dockertest: Scope) -> None:
    """What is new needs that one alone."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    first, last = MasterKey.generate(), MasterKey.generate()
    ciphertext = instance(s3, first, last).encrypt("payments", b"a secret")
    assert instance(s3, last).decrypt("payments", ciphertext) == b"a secret"
    with pytest.raises(WrongMasterKey, match=f"wrapped with master key {last.id}"):
        instance(s3, first).decrypt("payments", ciphertext)


def test_instances_that_race_on_an_empty_bucket_agree(dockertest: Scope) -> None:
    """All encrypt at the same moment, all end up with one data key, and each reads the others'."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    master_key = MasterKey.generate()
    racers = [instance(s3, master_key) for _ in range(8)]
    start = Barrier(len(racers))

    def encrypt(racer: Vault) -> bytes:
        start.wait()
        return racer.encrypt("payments", b"a secret")

    with ThreadPoolExecutor(len(racers)) as pool:
        ciphertexts = list(pool.map(encrypt, racers))
    assert len({ciphertext[:19] for ciphertext in ciphertexts}) == 1  # up to the data key's id
    for racer in racers:
        assert {racer.decrypt("payments", each) for each in ciphertexts} == {b"a secret"}


def test_what_was_changed_is_refused(dockertest: Scope) -> None:
    """One bit, in the ciphertext or in the stored data key, and nothing is decrypted."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    master_key = MasterKey.generate()
    ciphertext = instance(s3, master_key).encrypt("payments", b"a secret")

    flipped = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    with pytest.raises(Damaged, match="was changed after it was encrypted"):
        instance(s3, master_key).decrypt("payments", flipped)

    storage = CorruptingStorage(S3Storage(s3.client(), "vault"), flip_bit=-1)
    with pytest.raises(DamagedRecord, match="what is stored was changed"):
        Vault(storage, MasterKeys([master_key])).decrypt("payments", ciphertext)


def test_what_was_moved_to_another_keyring_is_refused(dockertest: Scope) -> None:
    """Also when the data key was moved along with the ciphertext."""
    s3 = dockertest.start(S3(buckets=["vault"]))
    master_key = MasterKey.generate()
    ciphertext = instance(s3, master_key).encrypt("payments", b"a secret")
    with pytest.raises(UnknownKey, match="keyring 'payroll' has no data key"):
        instance(s3, master_key).decrypt("payroll", ciphertext)

    bucket = S3Storage(s3.client(), "vault")
    key_id = ciphertext[3:19].hex()
    data_key = bucket.get(f"keyrings/payments/keys/{key_id}")
    assert data_key is not None
    assert bucket.create(f"keyrings/payroll/keys/{key_id}", data_key.content)
    with pytest.raises(DamagedRecord, match="comes from another keyring"):
        instance(s3, master_key).decrypt("payroll", ciphertext)
