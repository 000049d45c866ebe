"""What both kinds of keys do: seal and open with their own secret."""

from services.vault.keyring.cipher import Cipher


class SealingKey:
    """A key that encrypts. Its kind says what for."""

    __slots__ = ("_cipher",)

    def __init__(self, secret: bytes) -> None:
        self._cipher = Cipher(secret)

    def seal(self, plaintext: bytes, associated: bytes) -> bytes:
        """Encrypts with this key, and binds the result to the associated data."""
        return self._cipher.seal(plaintext, associated)

    def open(self, sealed: bytes, associated: bytes) -> bytes:
        """What this key has sealed with the same associated data.

        Raises:
            BadSeal: another key, other associated data, or changed bytes.
        """
        return self._cipher.open(sealed, associated)
