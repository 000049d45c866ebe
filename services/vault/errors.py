"""What can go wrong, as a tree:

VaultError
├── InvalidInput             an argument is out of its range
├── InvalidConfig            the configuration is wrong
├── CiphertextRefused        the ciphertext does not decrypt in this keyring
│   ├── Damaged              it is not what a vault wrote
│   └── UnknownKey           the keyring has no such data key
├── WornOut                  the data key has done all the encryptions that it may
├── DamagedRecord            what is stored is not what a vault wrote
├── WrongMasterKey           what is stored was wrapped with a master key that is not here
└── StorageError
    ├── StorageUnavailable   the storage can't be reached now
    └── StorageRefused       the storage was reached and said no

No message holds a key, a plaintext or a credential.
"""

from collections.abc import Sequence

__all__ = [
    "CiphertextRefused",
    "Damaged",
    "DamagedRecord",
    "InvalidConfig",
    "InvalidInput",
    "StorageError",
    "StorageRefused",
    "StorageUnavailable",
    "UnknownKey",
    "VaultError",
    "WornOut",
    "WrongMasterKey",
]


class VaultError(Exception):
    """The base of all errors of the vault; its message names the next step."""


class InvalidInput(VaultError, ValueError):
    """An argument is out of its range."""


class InvalidConfig(VaultError, ValueError):
    """The configuration is wrong; the message has a line for each thing to mend."""


class CiphertextRefused(VaultError):
    """The ciphertext does not decrypt in this keyring. Trying again does not help."""


class Damaged(CiphertextRefused):
    """The ciphertext is not what a vault wrote: cut off, changed, or something else altogether."""


class UnknownKey(CiphertextRefused):
    """The keyring has no data key of that id."""


class WornOut(VaultError):
    """The data key has done all the encryptions that it may. It decrypts as ever."""


class DamagedRecord(VaultError):
    """What is stored is not what a vault wrote: cut off, changed, or moved from elsewhere."""


class WrongMasterKey(VaultError):
    """What is stored was wrapped with a master key that this instance does not have.

    Attributes:
        needed: the id of the master key that would do.
        given: the ids of this instance's.
    """

    def __init__(self, message: str, *, needed: str, given: Sequence[str]) -> None:
        super().__init__(message)
        self.needed = needed
        self.given = tuple(given)


class StorageError(VaultError):
    """The storage did not do what it was asked for."""


class StorageUnavailable(StorageError):
    """The storage can't be reached now, or is in trouble. Trying again later may help."""


class StorageRefused(StorageError):
    """The storage was reached and said no. Trying again does not help."""
