"""Encryption in this process: the vault's beside the cryptography library's."""

import os
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.vault.keyring import MasterKey, MasterKeys
from services.vault.storage import MemoryStorage
from services.vault.vault import Vault

PLAINTEXT = os.urandom(1024)
_KEYRING = "payments"
_CALLS = 20_000


class Encrypting:
    """A vault that knows its data key, and a bare key."""

    def __init__(self) -> None:
        self._vault = Vault(MemoryStorage(), MasterKeys([MasterKey.generate()]))
        self._ciphertext = self._vault.encrypt(_KEYRING, PLAINTEXT)
        self._gcm = AESGCM(os.urandom(32))
        self._nonce = os.urandom(12)
        self._associated = os.urandom(27)

    def bare(self) -> bytes:
        """One call of the library; the nonce is there already, to its advantage."""
        return self._gcm.encrypt(self._nonce, PLAINTEXT, self._associated)

    def encrypt(self) -> bytes:
        """One encryption of the vault's."""
        return self._vault.encrypt(_KEYRING, PLAINTEXT)

    def decrypt(self) -> bytes:
        """One decryption of the vault's."""
        return self._vault.decrypt(_KEYRING, self._ciphertext)


def microseconds(call: Callable[[], object]) -> float:
    """How long a call takes, of many."""
    began = time.perf_counter()
    for _ in range(_CALLS):
        call()
    return (time.perf_counter() - began) / _CALLS * 1e6
