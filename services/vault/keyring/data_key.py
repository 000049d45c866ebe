"""Data keys: each encrypts a part of one keyring's values."""

import re
import secrets
from typing import Self

from services.vault.errors import Damaged, InvalidInput
from services.vault.keyring import envelope
from services.vault.keyring.cipher import KEY_BYTES, BadSeal, Cipher

_ID = re.compile(r"[0-9a-f]{32}")


class DataKey:
    """256 random bits that encrypt a keyring's values, and a random id that names them.

    Attributes:
        keyring: the keyring's name.
        id: 32 hexadecimal digits.
        secret: the key; it leaves the process only wrapped.
    """

    # Slots: vars() has no secret to show.
    __slots__ = ("_associated", "_cipher", "_header", "id", "keyring", "secret")

    def __init__(self, keyring: str, id: str, secret: bytes) -> None:
        self.keyring = keyring
        self.id = id
        self.secret = secret
        self._cipher = Cipher(secret)
        self._header = envelope.header(id)
        # The header's length is fixed, so that no two pairs give the same bytes.
        self._associated = self._header + keyring.encode()

    @classmethod
    def generate(cls, keyring: str) -> Self:
        """A new data key with a new id."""
        return cls(
            keyring, secrets.token_hex(envelope.KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES)
        )

    def encrypt(self, plaintext: bytes) -> bytes:
        """The plaintext's ciphertext, `envelope.OVERHEAD_BYTES` longer."""
        return self._cipher.seal(plaintext, self._associated, self._header)

    def decrypt(self, ciphertext: bytes) -> bytes:
        """The plaintext of what this key has encrypted: its id is in the ciphertext.

        Raises:
            Damaged: it was changed, or is another keyring's.
        """
        try:
            return self._cipher.open(ciphertext, self._associated, envelope.SEAL_AT)
        except BadSeal:
            raise Damaged(
                f"a ciphertext of keyring {self.keyring!r}, data key {self.id}, was changed after "
                "it was encrypted, or cut off: get it again from where it was stored first"
            ) from None

    def __repr__(self) -> str:
        return f"DataKey({self.keyring!r}, id={self.id})"


def checked_id(key_id: str) -> str:
    """The id, if it has a data key's form.

    Raises:
        InvalidInput: it has not.
    """
    if not _ID.fullmatch(key_id):
        raise InvalidInput(
            f"a data key's id has 32 hexadecimal digits, and this one of {len(key_id)} characters "
            "is none: give what create_data_key() has returned"
        )
    return key_id
