"""How a data key looks in the storage.

| offset | bytes | content |
| ------ | ----- | ------- |
| 0      | 2     | "BK" |
| 2      | 1     | version: 1 |
| 3      | 16    | the master key's id |
| 19     | 16    | the data key's id |
| 35     | 60    | the data key, sealed by the master key: nonce 12, key 32, tag 16 |

The seal is bound to bytes 0 to 34 and the keyring's name, so that a data key works under its own
id in its own keyring only.
"""

from services.vault.errors import Damaged, WrongMasterKey
from services.vault.keyring import master_key
from services.vault.keyring.cipher import KEY_BYTES, OVERHEAD_BYTES, BadSeal
from services.vault.keyring.data_key import ID_BYTES, DataKey
from services.vault.keyring.master_key import MasterKey

_MAGIC = b"BK"
_VERSION = 1
_MASTER_AT = len(_MAGIC) + 1
_KEY_AT = _MASTER_AT + master_key.ID_BYTES
_SEAL_AT = _KEY_AT + ID_BYTES
_LENGTH = _SEAL_AT + KEY_BYTES + OVERHEAD_BYTES


def wrap(key: DataKey, keyring: str, master: MasterKey) -> bytes:
    """The bytes of a data key of that keyring."""
    ids = bytes.fromhex(master.id) + bytes.fromhex(key.id)
    header = _MAGIC + bytes([_VERSION]) + ids
    return header + master.seal(key.secret, _associated(header, keyring))


def unwrap(stored: bytes, keyring: str, key_id: str, master: MasterKey) -> DataKey:
    """The data key of that id and keyring, from what is stored for it.

    Raises:
        WrongMasterKey: it was wrapped with another master key.
        Damaged: the bytes are not that data key's.
    """
    what = f"data key {key_id} of keyring {keyring!r}"
    mend = "restore it from a backup; what was encrypted with it can't be read without it"
    if not stored.startswith(_MAGIC) or len(stored) <= len(_MAGIC):
        raise Damaged(f"{what}: what is stored is no data key: {mend}")
    if (version := stored[len(_MAGIC)]) != _VERSION:
        raise Damaged(
            f"{what}: stored in version {version}, and this vault reads version {_VERSION}: use "
            f"the release that wrote it, or {mend}"
        )
    if len(stored) != _LENGTH:
        raise Damaged(f"{what}: {len(stored)} bytes are stored, not {_LENGTH}: {mend}")
    if (found := stored[_KEY_AT:_SEAL_AT].hex()) != key_id:
        raise Damaged(f"{what}: another data key, {found}, is stored in its place: {mend}")
    if (needed := stored[_MASTER_AT:_KEY_AT].hex()) != master.id:
        raise WrongMasterKey(
            f"{what}: wrapped with master key {needed}, and this vault has {master.id}: start it "
            "with the master key of that id",
            needed=needed,
            given=master.id,
        )
    try:
        secret = master.open(stored[_SEAL_AT:], _associated(stored[:_SEAL_AT], keyring))
    except BadSeal:
        raise Damaged(
            f"{what}: what is stored was changed, or comes from another keyring: {mend}"
        ) from None
    return DataKey(key_id, secret)


def _associated(header: bytes, keyring: str) -> bytes:
    # The header's length is fixed, so that no two pairs give the same bytes.
    return header + keyring.encode()
