"""Data keys: each encrypts a part of one keyring's values."""

import secrets
from typing import Self

from services.vault.keyring.cipher import KEY_BYTES
from services.vault.keyring.sealing import SealingKey

ID_BYTES = 16


class DataKey(SealingKey):
    """256 random bits that encrypt values, and a random id that names them.

    Attributes:
        id: 32 hexadecimal digits.
        secret: the key; it leaves the process only wrapped.
    """

    __slots__ = ("id", "secret")

    def __init__(self, id: str, secret: bytes) -> None:
        super().__init__(secret)
        self.id = id
        self.secret = secret

    @classmethod
    def generate(cls) -> Self:
        """A new data key with a new id."""
        return cls(secrets.token_hex(ID_BYTES), secrets.token_bytes(KEY_BYTES))

    def __repr__(self) -> str:
        return f"DataKey(id={self.id})"
