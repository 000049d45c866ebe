"""AES-256-GCM with random nonces: the one place that calls the cryptography library's cipher.

| offset | bytes | content |
| ------ | ----- | ------- |
| 0      | 12    | nonce, random |
| 12     | n     | the ciphertext, as long as the plaintext |
| 12 + n | 16    | the tag |
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES


class BadSeal(Exception):
    """The tag does not fit the key, the associated data and the bytes."""


class Cipher:
    """Seals and opens with one key.

    Random nonces of 96 bits: one key may seal at most 2^32 times (NIST SP 800-38D, 8.3).
    """

    def __init__(self, key: bytes) -> None:
        self._gcm = AESGCM(key)

    def seal(self, plaintext: bytes, associated: bytes) -> bytes:
        """Encrypts, and binds the result to the associated data."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._gcm.encrypt(nonce, plaintext, associated)

    def open(self, sealed: bytes, associated: bytes) -> bytes:
        """What was sealed with the same associated data.

        Raises:
            BadSeal: it was sealed with another key or other associated data, or was changed.
        """
        # Checked here: the library has errors of its own for what is too short.
        if len(sealed) < OVERHEAD_BYTES:
            raise BadSeal
        try:
            return self._gcm.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
        except InvalidTag:
            raise BadSeal from None
