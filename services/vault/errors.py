"""What can go wrong, as a tree:

VaultError
├── InvalidInput             an argument is out of its range
├── InvalidConfig            the configuration is wrong
├── WrongMasterKey           what is needed was wrapped with another master key
├── UnknownKey               the keyring has no such data key
├── Damaged                  the bytes are not what a vault wrote
└── StorageError
    ├── StorageUnavailable   the storage can't be reached now
    └── StorageRefused       the storage was reached and said no

No message holds a key, a plaintext or a credential.
"""

__all__ = [
    "Damaged",
    "InvalidConfig",
    "InvalidInput",
    "StorageError",
    "StorageRefused",
    "StorageUnavailable",
    "UnknownKey",
    "VaultError",
    "WrongMasterKey",
]


class VaultError(Exception):
    """The base of all errors of the vault; its message names the next step."""


class InvalidInput(VaultError, ValueError):
    """An argument is out of its range."""


class InvalidConfig(VaultError, ValueError):
    """The configuration is wrong; the message has a line for each thing to mend."""


class WrongMasterKey(VaultError):
    """What is needed was wrapped with another master key than this instance's.

    Attributes:
        needed: the id of the master key that would do.
        given: the id of this instance's.
    """

    def __init__(self, message: str, *, needed: str, given: str) -> None:
        super().__init__(message)
        self.needed = needed
        self.given = given


class UnknownKey(VaultError):
    """The keyring has no data key of that id."""


class Damaged(VaultError):
    """The bytes are not what a vault wrote: cut off, changed, or something else altogether."""


class StorageError(VaultError):
    """The storage did not do what it was asked for."""


class StorageUnavailable(StorageError):
    """The storage can't be reached now, or is in trouble. Trying again later may help."""


class StorageRefused(StorageError):
    """The storage was reached and said no. Trying again does not help."""
