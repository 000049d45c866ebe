"""The vault: encrypts and decrypts by keyring."""

from pkg.clock import Clock, SystemClock
from services.vault import envelope
from services.vault.errors import InvalidInput
from services.vault.keyring import Keyrings, MasterKey
from services.vault.storage import Storage

# For secrets, not for files. With the 2^32 encryptions that a data key is good for, it keeps all
# blocks under one key well below the 2^64 where AES-GCM's own bounds begin to matter.
MAX_PLAINTEXT_BYTES = 1 << 20


class Vault:
    """One instance. Instances share nothing but the storage and the master key.

    Usable from several threads.

    Args:
        storage: holds the keyrings.
        master_key: wraps the keyrings' data keys.
        clock: decides when what was read from the storage is read anew.
    """

    def __init__(self, storage: Storage, master_key: MasterKey, clock: Clock | None = None) -> None:
        self._keyrings = Keyrings(storage, master_key, clock or SystemClock())

    def encrypt(self, keyring: str, plaintext: bytes) -> bytes:
        """The ciphertext of a plaintext; a keyring's first makes the keyring.

        Raises:
            InvalidInput: that is no name of a keyring, or the plaintext is too long.
            WrongMasterKey: the keyring is another master key's.
            Damaged: the keyring was changed in the storage.
            UnknownKey: its data key was removed from the storage.
            StorageError: the storage did not answer, or refused.
        """
        if len(plaintext) > MAX_PLAINTEXT_BYTES:
            raise InvalidInput(
                f"a plaintext of {len(plaintext)} bytes, and {MAX_PLAINTEXT_BYTES} is the most: "
                "encrypt files with a key of their own, and that key with the vault"
            )
        return envelope.seal(plaintext, keyring, self._keyrings.current(keyring))

    def decrypt(self, keyring: str, ciphertext: bytes) -> bytes:
        """The plaintext of what any instance encrypted for the keyring.

        Changes nothing in the storage.

        Raises:
            InvalidInput: that is no name of a keyring.
            WrongMasterKey: it was encrypted under another master key.
            UnknownKey: the keyring has no such data key; it may be another keyring's ciphertext.
            Damaged: the ciphertext, or its data key in the storage, was changed.
            StorageError: the storage did not answer, or refused.
        """
        key = self._keyrings.get(keyring, envelope.key_id(ciphertext))
        return envelope.open(ciphertext, keyring, key)
