"""Data keys: each encrypts a part of one keyring's values."""

import secrets
from typing import Self

from services.vault.keyring.cipher import KEY_BYTES, Cipher

ID_BYTES = 16


class DataKey:
    """256 random bits that encrypt values, and a random id that names them.

    Attributes:
        id: 32 hexadecimal digits.
        secret: the key; it leaves the process only wrapped.
    """

    __slots__ = ("_cipher", "id", "secret")

    def __init__(self, id: str, secret: bytes) -> None:
        self.id = id
        self.secret = secret
        self._cipher = Cipher(secret)

    @classmethod
    def generate(cls) -> Self:
        """A new data key with a new id."""
        return cls(secrets.token_hex(ID_BYTES), secrets.token_bytes(KEY_BYTES))

    def seal(self, plaintext: bytes, associated: bytes) -> bytes:
        """Encrypts with this key."""
        return self._cipher.seal(plaintext, associated)

    def open(self, sealed: bytes, associated: bytes) -> bytes:
        """What this key has sealed with the same associated data.

        Raises:
            BadSeal: another key, other associated data, or changed bytes.
        """
        return self._cipher.open(sealed, associated)

    def __repr__(self) -> str:
        return f"DataKey(id={self.id})"
