"""Each keyring has its own data keys, which all instances use again and again."""

from itertools import permutations

import pytest
from minio import Minio

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3
from services.vault.errors import UnknownKey
from services.vault.keyring import MasterKey, envelope
from services.vault.testutil.instances import BUCKET, instance
from services.vault.testutil.kept import encrypted

MASTER = MasterKey(bytes(range(32)))
KEYRINGS = ["payments", "Payments", "payments-", "p", "p" * 64]


def test_a_keyring_is_encrypted_with_one_data_key(dockertest: Scope) -> None:
    """By all instances, until one makes another: three objects in the bucket, and then two more,
    a data key and its count."""
    s3 = dockertest.start(S3(buckets=[BUCKET]))
    instances = [instance(s3, MASTER) for _ in range(4)]

    def used() -> set[str]:
        return {
            envelope.key_id(each.encrypt("payments", b"a secret"))
            for each in instances
            for _ in range(25)
        }

    (first,) = used()
    assert stored(s3.client()) == sorted(
        f"keyrings/payments/{name}" for name in ("current", f"keys/{first}", f"uses/{first}")
    )
    second = instances[0].create_data_key("payments")
    assert used() == {first, second}  # others go on with what they remember
    instances = [instance(s3, MASTER) for _ in range(4)]
    assert used() == {second}
    assert len(stored(s3.client())) == 5


def test_no_keyring_reads_another_ones(dockertest: Scope) -> None:
    """Also of names that differ by little, with a warm instance and a cold one."""
    s3 = dockertest.start(S3(buckets=[BUCKET]))
    warm = instance(s3, MASTER)
    kept = {keyring: encrypted(warm, keyring, keyring.encode()) for keyring in KEYRINGS}
    assert len({envelope.key_id(each.ciphertext) for each in kept.values()}) == len(KEYRINGS)
    for vault in (warm, instance(s3, MASTER)):
        for mine, theirs in permutations(KEYRINGS, 2):
            with pytest.raises(UnknownKey, match=f"keyring '{mine}' has no data key"):
                vault.decrypt(mine, kept[theirs].ciphertext)
            with pytest.raises(UnknownKey, match=f"keyring '{mine}' has no data key"):
                vault.reencrypt(mine, kept[theirs].ciphertext)
            theirs_id = envelope.key_id(kept[theirs].ciphertext)
            with pytest.raises(UnknownKey, match=f"keyring '{mine}' has no data key"):
                vault.reencrypt(mine, kept[mine].ciphertext, theirs_id)


def stored(client: Minio) -> list[str]:
    """The names of all objects."""
    return [str(each.object_name) for each in client.list_objects(BUCKET, recursive=True)]
