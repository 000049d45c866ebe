"""How what a keyring stores looks: a header that anyone may read, and a sealed payload.

| offset | bytes | content |
| ------ | ----- | ------- |
| 0      | 2     | the kind: "BK", "BC" or "BU" |
| 2      | 1     | version: 1 |
| 3      | 16    | the master key's id |
| 19     | 16    | the data key's id |
| 35     | 28+n  | the payload, sealed by the master key: nonce 12, ciphertext n, tag 16 |

The seal is bound to bytes 0 to 34 and the keyring's name, so that a record is good for its own
kind, keyring and data key only.
"""

from dataclasses import dataclass, field
from enum import Enum

from services.vault.errors import DamagedRecord
from services.vault.keyring import cipher, master_key
from services.vault.keyring.cipher import KEY_BYTES, BadSeal
from services.vault.keyring.envelope import KEY_ID_BYTES
from services.vault.keyring.master_keys import MasterKeys

_KIND_BYTES = 2
_VERSION = 1
_MASTER_AT = _KIND_BYTES + 1
_KEY_AT = _MASTER_AT + master_key.ID_BYTES
_SEAL_AT = _KEY_AT + KEY_ID_BYTES

COUNT_BYTES = 8


class Kind(Enum):
    """What a record is for; the value is its first bytes."""

    KEY = b"BK"  # a data key; its payload is the secret, 32 bytes
    CURRENT = b"BC"  # names the data key to encrypt with; no payload
    USES = b"BU"  # how many encryptions of a data key are given out; 8 bytes, big-endian

    @property
    def payload_bytes(self) -> int:
        """How long the payload is."""
        return {Kind.KEY: KEY_BYTES, Kind.CURRENT: 0, Kind.USES: COUNT_BYTES}[self]


@dataclass(frozen=True)
class Record:
    """One thing that a keyring stores, unsealed.

    Attributes:
        kind: what it is for.
        keyring: the keyring's name.
        key_id: the data key that it is about, 32 hexadecimal digits.
        payload: as long as the kind says.
    """

    kind: Kind
    keyring: str
    key_id: str
    payload: bytes = field(default=b"", repr=False)


def seal(record: Record, masters: MasterKeys) -> bytes:
    """The bytes of a record, sealed by the newest master key."""
    ids = bytes.fromhex(masters.newest.id + record.key_id)
    header = record.kind.value + bytes([_VERSION]) + ids
    return masters.newest.cipher.seal(record.payload, _bound(header, record.keyring), header)


def open(stored: bytes, kind: Kind, keyring: str, masters: MasterKeys, name: str) -> Record:
    """The record of that kind and keyring.

    Args:
        name: the object's, for messages.

    Raises:
        WrongMasterKey: it was sealed with a master key that is not here.
        DamagedRecord: the bytes are not such a record's.
    """
    master = masters.get(master_id(stored, kind, name), name)
    try:
        payload = master.cipher.open(stored, _bound(stored[:_SEAL_AT], keyring), _SEAL_AT)
    except BadSeal:
        raise DamagedRecord(
            f"{name}: what is stored was changed, or comes from another keyring: {_MEND}"
        ) from None
    return Record(kind, keyring, stored[_KEY_AT:_SEAL_AT].hex(), payload)


def master_id(stored: bytes, kind: Kind, name: str) -> str:
    """The id of the master key that a record says it was sealed with. Proves nothing.

    Raises:
        DamagedRecord: the bytes have not the form of such a record.
    """
    if not stored.startswith(kind.value) or len(stored) <= _KIND_BYTES:
        raise DamagedRecord(f"{name}: what is stored is no such record: {_MEND}")
    if (version := stored[_KIND_BYTES]) != _VERSION:
        raise DamagedRecord(
            f"{name}: stored in version {version}, and this vault reads version {_VERSION}: use "
            f"the release that wrote it, or {_MEND}"
        )
    length = _SEAL_AT + cipher.OVERHEAD_BYTES + kind.payload_bytes
    if len(stored) != length:
        raise DamagedRecord(f"{name}: {len(stored)} bytes are stored, not {length}: {_MEND}")
    return stored[_MASTER_AT:_KEY_AT].hex()


_MEND = "restore it from a backup"


def _bound(header: bytes, keyring: str) -> bytes:
    # The header's length is fixed, so that no two pairs give the same bytes.
    return header + keyring.encode()
