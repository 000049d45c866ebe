"""AES-256-GCM with random nonces: the one place that calls the cryptography library's cipher.

| offset | bytes | content |
| ------ | ----- | ------- |
| 0      | 12    | nonce, random |
| 12     | n     | the ciphertext, as long as the plaintext |
| 12 + n | 16    | the tag |
"""

from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES

# Random nonces of 96 bits: one key may seal this often, so that two seals share a nonce with a
# probability below 2^-32 (NIST SP 800-38D, 8.3).
MAX_SEALS = 1 << 32


class BadSeal(Exception):
    """The tag does not fit the key, the associated data and the bytes."""


class Cipher:
    """Seals and opens with one key, which may seal at most `MAX_SEALS` times."""

    __slots__ = ("_gcm",)

    def __init__(self, key: bytes) -> None:
        self._gcm = AESGCM(key)

    def seal(self, plaintext: bytes, associated: bytes, header: bytes = b"") -> bytes:
        """Encrypts, and binds the result to the associated data; the header comes before it."""
        nonce = urandom(NONCE_BYTES)
        return b"".join((header, nonce, self._gcm.encrypt(nonce, plaintext, associated)))

    def open(self, sealed: bytes, associated: bytes, at: int = 0) -> bytes:
        """What was sealed with the same associated data; the seal begins at an offset.

        Raises:
            BadSeal: it was sealed with another key or other associated data, or was changed.
        """
        # Checked here: the library has errors of its own for what is too short.
        if len(sealed) < at + OVERHEAD_BYTES:
            raise BadSeal
        begin = at + NONCE_BYTES
        try:
            return self._gcm.decrypt(sealed[at:begin], sealed[begin:], associated)
        except InvalidTag:
            raise BadSeal from None
