"""Another master key takes over, while clients encrypt and decrypt."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from pkg.clock import FakeClock
from pkg.dockertest import Scope
from pkg.dockertest.s3 import S3, S3Server
from pkg.testutil import eventually
from services.vault.errors import WrongMasterKey
from services.vault.keyring import MasterKey
from services.vault.storage import S3Storage
from services.vault.testutil.instances import BUCKET, instance
from services.vault.testutil.kept import Kept, encrypted, unreadable
from services.vault.testutil.traffic import traffic

KEYRINGS = [f"keyring-{number}" for number in range(12)]
DATA_KEYS = 4
CLIENTS = 4
# More than the vault remembers anything for.
LONG = timedelta(hours=1)


def test_a_new_master_key_takes_over_without_a_pause(dockertest: Scope, clock: FakeClock) -> None:
    """[old], then [new, old], then [old, new] and a roll, then [new]: two instances are replaced
    one after the other at each step, no client is refused anything, and all that was encrypted at
    any step is readable with the new key alone, and nothing with the old one alone."""
    s3 = dockertest.start(S3(buckets=[BUCKET]))
    old, new = MasterKey.generate(), MasterKey.generate()
    kept = filled(s3, old)
    instances = [instance(s3, old, clock=clock) for _ in range(2)]
    with traffic(instances, KEYRINGS, CLIENTS) as going_on:

        def some_traffic() -> None:
            clock.advance(LONG)  # so that it is not all done with what is remembered
            more = len(going_on.acknowledged) + 100
            eventually(lambda: len(going_on.acknowledged) >= more)

        for keys in ([new, old], [old, new]):
            for number in range(len(instances)):
                some_traffic()
                instances[number] = instance(s3, *keys, clock=clock)
        some_traffic()
        rolled = instances[0].roll(limit=10_000)
        assert rolled.rewrapped >= len(KEYRINGS) * DATA_KEYS
        assert (rolled.damaged, rolled.next) == ((), "")
        for number in range(len(instances)):
            some_traffic()
            instances[number] = instance(s3, new, clock=clock)
        some_traffic()

    assert unreadable(instance(s3, new), kept + going_on.acknowledged) == []
    for keyring in KEYRINGS:
        with pytest.raises(WrongMasterKey, match=new.id):
            instance(s3, old).encrypt(keyring, b"a secret")
    assert {stored[3:19].hex() for stored in contents(s3)} == {new.id}


def filled(s3: S3Server, master_key: MasterKey) -> list[Kept]:
    """Encrypts something with each of some data keys of each keyring."""

    def fill(keyring: str) -> list[Kept]:
        kept = []
        for number in range(DATA_KEYS):
            filling.create_data_key(keyring)
            kept.append(encrypted(filling, keyring, b"secret %d" % number))
        return kept

    filling = instance(s3, master_key)
    with ThreadPoolExecutor(8) as pool:
        return [each for kept in pool.map(fill, KEYRINGS) for each in kept]


def contents(s3: S3Server) -> list[bytes]:
    """All that is stored."""
    storage = S3Storage(s3.client(), BUCKET)
    found = [storage.get(name) for name in storage.names("", "", 10_000)]
    return [each.content for each in found if each is not None]
