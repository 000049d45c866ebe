"""The master key: wraps data keys, and never leaves the process by accident."""

import hashlib
import hmac
import secrets
from typing import Self

from services.vault.errors import InvalidInput
from services.vault.keyring.cipher import KEY_BYTES, Cipher

ID_BYTES = 16
# So that the id is the hash of nothing that is hashed elsewhere.
_ID_DOMAIN = b"berth vault: id of a master key\0"


class MasterKey:
    """256 random bits that wrap what a keyring stores. Neither printed nor pickled.

    Attributes:
        cipher: seals and opens with the secret.
        id: names the key in messages and in what it has wrapped; 32 hexadecimal digits, a part
            of the secret's SHA-256, from which the secret can't be found.

    Args:
        secret: 32 bytes from a random source.

    Raises:
        InvalidInput: not 32 bytes.
    """

    # Slots: vars() has nothing to show, either.
    __slots__ = ("_secret", "cipher", "id")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise InvalidInput(
                f"a master key has {KEY_BYTES} bytes, not {len(secret)}: make one with "
                "MasterKey.generate()"
            )
        self.cipher = Cipher(secret)
        self._secret = secret
        self.id = hashlib.sha256(_ID_DOMAIN + secret).digest()[:ID_BYTES].hex()

    @classmethod
    def generate(cls) -> Self:
        """A new master key."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """The master key that `reveal` has written; blanks around it are no part of it.

        Raises:
            InvalidInput: not 64 hexadecimal digits.
        """
        digits = text.strip()
        try:
            secret = bytes.fromhex(digits)
        except ValueError:
            secret = b""
        # fromhex() lets blanks between the digits pass.
        if len(digits) != 2 * KEY_BYTES or len(secret) != KEY_BYTES:
            # The text is not shown: most of it may be the secret.
            raise InvalidInput(
                f"a master key is written as {2 * KEY_BYTES} hexadecimal digits, and this text of "
                f"{len(digits)} characters is none: give what MasterKey.reveal() has written"
            )
        return cls(secret)

    def reveal(self) -> str:
        """The secret as 64 hexadecimal digits, for whoever keeps it."""
        return self._secret.hex()

    def __repr__(self) -> str:
        return f"MasterKey(id={self.id})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MasterKey):
            return NotImplemented
        return hmac.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self.id)

    def __reduce__(self) -> str:
        raise TypeError("a MasterKey is not pickled or copied, so that its secret is not, either")
