"""One instance is killed while it encrypts, and another reads all that it has returned."""

import pytest

from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3
from pkg.testutil.processes import line, python
from services.vault.keyring import MasterKey
from services.vault.testutil import aloud
from services.vault.testutil.instances import BUCKET, instance
from services.vault.testutil.kept import Kept, encrypted, unreadable


@pytest.mark.parametrize("killed_after", [1, 11, 100])
def test_what_a_killed_instance_encrypted_is_readable(dockertest: Scope, killed_after: int) -> None:
    """By SIGKILL, within its first data key and after it has made others: every ciphertext that it
    has said, by an instance that never knew it, which then goes on with the same keyring."""
    s3 = dockertest.start(S3(buckets=[BUCKET]))
    master_key = MasterKey.generate()
    with python(aloud.ENCRYPT, aloud.described(s3, master_key), "payments") as process:
        said = [line(process) for _ in range(killed_after)]
        process.kill()
        process.wait()
        assert process.stdout is not None
        # What came before the kill took effect, and perhaps a part of a last one.
        *whole, cut_off = process.stdout.read().split("\n")
        assert not cut_off or len(cut_off) <= len(said[0]) + 2
    said += whole
    assert len(said) >= killed_after

    kept = [
        Kept("payments", b"secret %d" % number, bytes.fromhex(each))
        for number, each in enumerate(said)
    ]
    other = instance(s3, master_key)
    assert unreadable(other, kept) == []
    kept.append(encrypted(other, "payments", b"from now on"))
    assert unreadable(instance(s3, master_key), kept) == []
