"""The vault: encrypts and decrypts by keyring."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from pkg.clock import Clock, SystemClock
from services.vault.errors import (
    CiphertextRefused,
    DamagedRecord,
    InvalidInput,
    StorageUnavailable,
    UnknownKey,
    WrongMasterKey,
)
from services.vault.keyring import Keyrings, MasterKeys, Rolled, envelope
from services.vault.keyring.name import checked
from services.vault.keyring.records import Records
from services.vault.keyring.roll import roll
from services.vault.storage import Storage

# Why one ciphertext of several has no plaintext: its own fault, or its data key's.
type NotDecrypted = CiphertextRefused | DamagedRecord | WrongMasterKey

# For secrets, not for files. With the 2^32 encryptions that a data key is good for, it keeps all
# blocks under one key well below the 2^64 where AES-GCM's own bounds begin to matter.
MAX_PLAINTEXT_BYTES = 16 << 20


class Vault:
    """One instance. Instances share nothing but the storage and the master keys.

    Usable from several threads. Every operation may raise, beside what it says:
        InvalidInput: that is no name of a keyring.
        WrongMasterKey: what is needed was wrapped with a master key that is not here.
        DamagedRecord: what is stored was changed, or removed.
        StorageError: the storage did not answer, or refused.

    Args:
        storage: holds the keyrings.
        master_keys: wrap the keyrings' data keys.
        clock: decides when what was read from the storage is read anew.
    """

    def __init__(
        self, storage: Storage, master_keys: MasterKeys, clock: Clock | None = None
    ) -> None:
        self._clock = clock or SystemClock()
        self._records = Records(storage, master_keys)
        self._keyrings = Keyrings(self._records, self._clock)

    def encrypt(self, keyring: str, plaintext: bytes) -> bytes:
        """The ciphertext of a plaintext; a keyring's first makes the keyring.

        Raises:
            InvalidInput: the plaintext is longer than `MAX_PLAINTEXT_BYTES`.
        """
        done = self.try_encrypt(keyring, plaintext)
        return self._keyrings.for_encryption(keyring).encrypt(plaintext) if done is None else done

    def try_encrypt(self, keyring: str, plaintext: bytes) -> bytes | None:
        """What `encrypt` gives, or None where the storage would have to be asked. Never waits."""
        if len(plaintext) > MAX_PLAINTEXT_BYTES:
            raise _too_long(plaintext)
        key = self._keyrings.remembered_for_encryption(keyring)
        return None if key is None else key.encrypt(plaintext)

    def encrypt_bulk(self, keyring: str, plaintexts: Sequence[bytes]) -> list[bytes]:
        """The ciphertexts of several plaintexts, in their order: all or none.

        Raises:
            InvalidInput: one is longer than `MAX_PLAINTEXT_BYTES`.
        """
        for plaintext in plaintexts:
            if len(plaintext) > MAX_PLAINTEXT_BYTES:
                raise _too_long(plaintext)
        uses = len(plaintexts)
        key = self._keyrings.remembered_for_encryption(keyring, uses)
        if key is None:
            key = self._keyrings.for_encryption(keyring, uses)
        return [key.encrypt(plaintext) for plaintext in plaintexts]

    def decrypt(self, keyring: str, ciphertext: bytes) -> bytes:
        """The plaintext of what any instance encrypted for the keyring.

        Changes nothing in the storage.

        Raises:
            UnknownKey: the keyring has no such data key; it may be another keyring's ciphertext.
            Damaged: the ciphertext was changed, or is none.
        """
        return self._keyrings.get(keyring, envelope.key_id(ciphertext)).decrypt(ciphertext)

    def try_decrypt(self, keyring: str, ciphertext: bytes) -> bytes | None:
        """What `decrypt` gives, or None where the storage would have to be asked. Never waits."""
        key = self._keyrings.remembered(keyring, envelope.key_id(ciphertext))
        return None if key is None else key.decrypt(ciphertext)

    def decrypt_bulk(
        self, keyring: str, ciphertexts: Sequence[bytes], patience: timedelta | None = None
    ) -> list[bytes | NotDecrypted]:
        """For each ciphertext, in their order, its plaintext, or why it does not decrypt.

        The storage is asked once for each data key that they name. One that is damaged there fails
        those that name it, and no others.

        Args:
            keyring: the keyring's name.
            ciphertexts: of that keyring.
            patience: how long to go on asking the storage.

        Raises:
            StorageUnavailable: it took longer for all the data keys.
        """
        checked(keyring)  # also where there is nothing to decrypt
        out_of_time = self._out_of_time(patience)
        unusable: dict[str, NotDecrypted] = {}

        def decrypted(ciphertext: bytes) -> bytes | NotDecrypted:
            try:
                key_id = envelope.key_id(ciphertext)
                if known := unusable.get(key_id):
                    return known
                key = self._keyrings.remembered(keyring, key_id)
                if key is None:
                    if out_of_time():
                        raise _too_slow(keyring)
                    key = self._keyrings.get(keyring, key_id)
                return key.decrypt(ciphertext)
            except (UnknownKey, DamagedRecord, WrongMasterKey) as refused:
                unusable[key_id] = refused
                return refused
            except CiphertextRefused as refused:
                return refused

        return [decrypted(ciphertext) for ciphertext in ciphertexts]

    def reencrypt(self, keyring: str, ciphertext: bytes, key_id: str | None = None) -> bytes:
        """A new ciphertext of the same plaintext.

        Args:
            keyring: the keyring's name.
            ciphertext: stays good as long as its data key is there.
            key_id: the data key to encrypt with; the latest unless given.

        Raises:
            UnknownKey: the keyring has no such data key, the ciphertext's or the named one.
            Damaged: the ciphertext was changed, or is none.
            WornOut: the named data key has done all the encryptions that it may.
        """
        plaintext = self.decrypt(keyring, ciphertext)
        if key_id is None:
            return self.encrypt(keyring, plaintext)
        return self._keyrings.named_for_encryption(keyring, key_id).encrypt(plaintext)

    def create_data_key(self, keyring: str) -> str:
        """Gives the keyring a new data key, and returns its id.

        This instance encrypts with it from now on, the others after `keyrings.TTL` at the latest.
        """
        return self._keyrings.create(keyring).id

    def roll(self, after: str = "", limit: int = 1000, patience: timedelta | None = None) -> Rolled:
        """Wraps what is stored anew with the newest master key: all data keys of all keyrings.

        It may end at any point, and be done again; see `keyring.roll`.

        Args:
            after: what an earlier call has returned as `next`; "" begins.
            limit: how many objects to look at.
            patience: how long to go on; the last object begun is done to its end.

        Raises:
            InvalidInput: the limit is not positive.
        """
        if limit < 1:
            raise InvalidInput(f"roll: a limit of {limit} objects: give 1 or more")
        return roll(self._records, after, limit, self._out_of_time(patience))

    def check(self) -> None:
        """Asks the storage for anything; returns when it has answered."""
        self._records.check()

    def _out_of_time(self, patience: timedelta | None) -> Callable[[], bool]:
        if patience is None:
            return lambda: False
        end = self._clock.monotonic() + patience.total_seconds()
        return lambda: self._clock.monotonic() >= end


def _too_long(plaintext: bytes) -> InvalidInput:
    return InvalidInput(
        f"a plaintext of {len(plaintext)} bytes, and {MAX_PLAINTEXT_BYTES} is the most: "
        "encrypt files with a key of their own, and that key with the vault"
    )


def _too_slow(keyring: str) -> StorageUnavailable:
    return StorageUnavailable(
        f"keyring {keyring!r}: the storage took too long for all the data keys of these "
        "ciphertexts: give fewer at a time, or try again later"
    )
