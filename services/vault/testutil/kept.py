"""What a vault has acknowledged, for a test that asks for it again."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.vault.vault import Vault


@dataclass(frozen=True)
class Kept:
    """A ciphertext that some instance has returned.

    Attributes:
        keyring: the keyring's name.
        plaintext: what was encrypted.
        ciphertext: what came back.
    """

    keyring: str
    plaintext: bytes = field(repr=False)
    ciphertext: bytes = field(repr=False)


def encrypted(vault: Vault, keyring: str, plaintext: bytes) -> Kept:
    """A plaintext, and the ciphertext that the vault made of it."""
    return Kept(keyring, plaintext, vault.encrypt(keyring, plaintext))


def unreadable(vault: Vault, kept: Iterable[Kept]) -> list[Kept]:
    """Those that the vault decrypts to something else.

    Raises:
        VaultError: it refused one.
    """
    return [each for each in kept if vault.decrypt(each.keyring, each.ciphertext) != each.plaintext]
