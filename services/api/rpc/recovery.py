"""Keys that may be shown again: their texts, encrypted by the vault."""

from typing import Protocol

from services.api.domain.key import Key
from services.api.ports import Keys


class Vault(Protocol):
    """What is needed of services.vault.client's `VaultClient`."""

    def encrypt(self, keyring: str, plaintext: bytes) -> bytes:
        """The ciphertext of a plaintext."""

    def decrypt(self, keyring: str, ciphertext: bytes) -> bytes:
        """The plaintext of what was encrypted for the keyring."""


def ciphertext(vault: Vault, workspace_id: str, text: str) -> bytes:
    """A key's text, encrypted for its workspace alone."""
    return vault.encrypt(workspace_id, text.encode())


def plaintext(vault: Vault, keys: Keys, key: Key) -> str | None:
    """A key's text; None if it can't be shown again."""
    stored = keys.ciphertext(key.id) if key.recoverable else None
    return None if stored is None else vault.decrypt(key.workspace_id, stored).decode()
