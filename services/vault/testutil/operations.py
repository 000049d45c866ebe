"""Every operation of a vault, for tests that do something to the storage meanwhile.

All work on one keyring, `KEYRING`, that an instance with the old master key has made; they are to
be run by instances with both keys.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.vault.keyring import MasterKey, MasterKeys, envelope
from services.vault.storage import Storage
from services.vault.testutil.kept import Kept, encrypted, unreadable
from services.vault.vault import Vault

KEYRING = "payments"
OLD, NEW = MasterKey(b"o" * 32), MasterKey(b"n" * 32)
BOTH = MasterKeys([OLD, NEW])


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: what it is.
        run: does it with a vault, given what is in the keyring already; returns what the vault
            has acknowledged.
        requests: how many requests to the storage it takes at most on a vault that knows nothing
            yet, while nobody else is at work.
        warm: has been done once with the same vault, which then needs no request at all.
    """

    name: str
    run: Callable[[Vault, Sequence[Kept]], list[Kept]]
    requests: int
    warm: bool = False

    def __str__(self) -> str:
        return self.name


def seeded(storage: Storage) -> list[Kept]:
    """Makes the keyring: two data keys and something encrypted with each, under the old key."""
    vault = Vault(storage, MasterKeys([OLD]))
    first = encrypted(vault, KEYRING, b"by the first data key")
    vault.create_data_key(KEYRING)
    return [first, encrypted(vault, KEYRING, b"by the second data key")]


def _encrypt_first(vault: Vault, before: Sequence[Kept]) -> list[Kept]:
    return [encrypted(vault, "another-keyring", b"its first")]


def _encrypt(vault: Vault, before: Sequence[Kept]) -> list[Kept]:
    return [encrypted(vault, KEYRING, b"one more")]


def _encrypt_bulk(vault: Vault, before: Sequence[Kept]) -> list[Kept]:
    plaintexts = [b"many, %d" % number for number in range(100)]
    ciphertexts = vault.encrypt_bulk(KEYRING, plaintexts)
    return [Kept(KEYRING, *pair) for pair in zip(plaintexts, ciphertexts, strict=True)]


def _decrypt(vault: Vault, before: Sequence[Kept]) -> list[Kept]:
    assert vault.decrypt(KEYRING, before[0].ciphertext) == before[0].plaintext
    return []


def _decrypt_bulk(vault: Vault, before: Sequence[Kept]) -> list[Kept]:
    plaintexts = vault.decrypt_bulk(KEYRING, [each.ciphertext for each in before])
    assert plaintexts == [each.plaintext for each in before]
    return []


def _reencrypt(vault: Vault, before: Sequence[Kept]) -> list[Kept]:
    old = before[0]
    return [Kept(KEYRING, old.plaintext, vault.reencrypt(KEYRING, old.ciphertext))]


def _reencrypt_named(vault: Vault, before: Sequence[Kept]) -> list[Kept]:
    old, named = before[1], envelope.key_id(before[0].ciphertext)
    return [Kept(KEYRING, old.plaintext, vault.reencrypt(KEYRING, old.ciphertext, named))]


def _create_data_key(vault: Vault, before: Sequence[Kept]) -> list[Kept]:
    assert vault.create_data_key(KEYRING)
    return []


def _roll(vault: Vault, before: Sequence[Kept]) -> list[Kept]:
    rolled = vault.roll()
    assert (rolled.damaged, rolled.next) == ((), "")
    return []


def _check(vault: Vault, before: Sequence[Kept]) -> list[Kept]:
    vault.check()
    return []


# A look at the current key, the key itself, its count, and the count's next one.
_COLD_ENCRYPTION = 4

OPERATIONS = [
    # Finds no current key, makes one (a key, a pointer), and then goes on as for any other.
    Operation("first encrypt", _encrypt_first, 3 + _COLD_ENCRYPTION),
    Operation("encrypt", _encrypt, _COLD_ENCRYPTION),
    Operation("warm encrypt", _encrypt, _COLD_ENCRYPTION, warm=True),
    Operation("encrypt_bulk", _encrypt_bulk, _COLD_ENCRYPTION),
    Operation("warm encrypt_bulk", _encrypt_bulk, _COLD_ENCRYPTION, warm=True),
    Operation("decrypt", _decrypt, 1),
    Operation("warm decrypt", _decrypt, 1, warm=True),
    Operation("decrypt_bulk", _decrypt_bulk, 2),
    Operation("reencrypt", _reencrypt, 1 + _COLD_ENCRYPTION),
    Operation("reencrypt to a named key", _reencrypt_named, 2 + 2),
    Operation("create_data_key", _create_data_key, 3),
    # A list; a look at and a replacement of each of two data keys, their counts and the pointer.
    Operation("roll", _roll, 1 + 2 * 5),
    Operation("check", _check, 1),
]


def check_whole(storage: Storage, kept: Sequence[Kept]) -> None:
    """All that is stored is good, and all that was acknowledged can be read: with both master
    keys and, after a roll, with the new one alone, which also goes on with each keyring.

    Raises:
        AssertionError: it is not so.
        VaultError: something is refused.
    """
    assert unreadable(Vault(storage, BOTH), kept) == []
    rolled = Vault(storage, BOTH).roll()
    assert (rolled.damaged, rolled.next) == ((), "")
    alone = Vault(storage, MasterKeys([NEW]))
    assert unreadable(alone, kept) == []
    more = [encrypted(alone, keyring, b"more") for keyring in {each.keyring for each in kept}]
    assert unreadable(Vault(storage, BOTH), more) == []
