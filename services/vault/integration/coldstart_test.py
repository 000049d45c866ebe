"""Instances of the vault that share nothing but a bucket and a master key."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3, S3Server
from services.vault.build import build
from services.vault.config import Config
from services.vault.errors import Damaged, DamagedRecord, UnknownKey, WrongMasterKey
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage import S3Storage
from services.vault.storage.corrupting import CorruptingStorage
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


def instance(s3: S3Server, master_key: MasterKey) -> Vault:
    """A vault as its process would start it, with nothing in memory yet."""
    config = Config(
        master_keys=MasterKeys([master_key]),
        s3_url=s3.url,
        s3_bucket="vault",
        s3_access_key_id=s3.access_key_id,
        s3_secret_access_key=s3.secret_access_key,
    )
    return build(config)


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
