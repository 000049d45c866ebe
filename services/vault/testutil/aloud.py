"""Processes that say what they do, so that a test can kill them in the middle of it.

with pkg.testutil.processes.python(aloud.ROLL, aloud.described(s3, old, new)) as process:
"""

import json
import sys
from itertools import count

from minio import Minio

from pkg.dockertest.s3 import S3Server
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage import S3Storage
from services.vault.testutil.instances import BUCKET
from services.vault.vault import Vault

# Says "writes" before each write, and "done" at the end.
ROLL = "from services.vault.testutil import aloud; aloud.roll()"
# Says each ciphertext of "secret 0", "secret 1" and so on, in hexadecimal digits; the keyring's
# name is its second argument. A new data key encrypts every ten.
ENCRYPT = "from services.vault.testutil import aloud; aloud.encrypt()"

_A_DATA_KEY = 10


def described(s3: S3Server, *master_keys: MasterKey) -> str:
    """An instance's configuration, as the first argument of these processes."""
    address = [f"{s3.host}:{s3.port}", s3.access_key_id, s3.secret_access_key, s3.region]
    return json.dumps([address, [key.reveal() for key in master_keys]])


def roll() -> None:
    """What `ROLL` does."""
    _instance().roll()
    print("done", flush=True)


def encrypt() -> None:
    """What `ENCRYPT` does; it never ends."""
    vault, keyring = _instance(quiet=True), sys.argv[2]
    for number in count():
        if number % _A_DATA_KEY == 0:
            vault.create_data_key(keyring)
        print(vault.encrypt(keyring, b"secret %d" % number).hex(), flush=True)


class _Aloud(S3Storage):
    """Says when it writes."""

    def create(self, name: str, content: bytes) -> bool:
        print("writes", flush=True)
        return super().create(name, content)

    def replace(self, name: str, content: bytes, version: str) -> bool:
        print("writes", flush=True)
        return super().replace(name, content, version)


def _instance(quiet: bool = False) -> Vault:
    (endpoint, access_key, secret_key, region), master_keys = json.loads(sys.argv[1])
    client = Minio(
        endpoint=endpoint,
        access_key=access_key,
        secret_key=secret_key,
        region=region,
        secure=False,
    )
    storage = S3Storage(client, BUCKET) if quiet else _Aloud(client, BUCKET)
    return Vault(storage, MasterKeys([MasterKey.from_hex(key) for key in master_keys]))
