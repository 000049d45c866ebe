"""Processes that say what they do, so that a test can kill them in the middle of it.

with pkg.testutil.processes.python(aloud.ROLL, aloud.described(s3, old, new)) as process:
"""

import json
import sys
from itertools import count

from pkg.dockertest.s3 import S3Server
from services.vault.build import build_storage
from services.vault.config import Config
from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage.wrapper import Wrapper
from services.vault.testutil.instances import config
from services.vault.vault import Vault

# Says "writes" before each write, and "done" at the end.
ROLL = "from services.vault.testutil import aloud; aloud.roll()"
# Says each ciphertext of "secret 0", "secret 1" and so on, in hexadecimal digits; the keyring's
# name is its second argument. A new data key encrypts every ten.
ENCRYPT = "from services.vault.testutil import aloud; aloud.encrypt()"

_A_DATA_KEY = 10
_ADDRESS = ("s3_url", "s3_bucket", "s3_access_key_id", "s3_secret_access_key", "s3_region")


def described(s3: S3Server, *master_keys: MasterKey) -> str:
    """An instance's configuration, as the first argument of these processes."""
    made = config(s3, *master_keys)
    address = {name: getattr(made, name) for name in _ADDRESS}
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


class _Aloud(Wrapper):
    """Says when it writes."""

    def create(self, name: str, content: bytes) -> bool:
        print("writes", flush=True)
        return super().create(name, content)

    def replace(self, name: str, content: bytes, version: str) -> bool:
        print("writes", flush=True)
        return super().replace(name, content, version)


def _instance(quiet: bool = False) -> Vault:
    address, secrets = json.loads(sys.argv[1])
    master_keys = MasterKeys([MasterKey.from_hex(each) for each in secrets])
    storage = build_storage(Config(master_keys=master_keys, **address))
    return Vault(storage if quiet else _Aloud(storage), master_keys)
