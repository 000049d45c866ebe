"""How a ciphertext looks.

| offset | bytes | content |
| ------ | ----- | ------- |
| 0      | 2     | "BV" |
| 2      | 1     | version: 1 |
| 3      | 16    | the data key's id |
| 19     | 28+n  | the plaintext, sealed by the data key: nonce 12, ciphertext n, tag 16 |

The seal is bound to bytes 0 to 18 and the keyring's name.
"""

from services.vault.errors import Damaged
from services.vault.keyring import DataKey, cipher
from services.vault.keyring.data_key import ID_BYTES

_MAGIC = b"BV"
_VERSION = 1
_KEY_AT = len(_MAGIC) + 1
_SEAL_AT = _KEY_AT + ID_BYTES

OVERHEAD_BYTES = _SEAL_AT + cipher.OVERHEAD_BYTES


def seal(plaintext: bytes, keyring: str, key: DataKey) -> bytes:
    """The ciphertext of a plaintext, encrypted with a data key of that keyring."""
    header = _MAGIC + bytes([_VERSION]) + bytes.fromhex(key.id)
    return header + key.seal(plaintext, _associated(header, keyring))


def key_id(ciphertext: bytes) -> str:
    """The id of the data key that a ciphertext was encrypted with.

    Raises:
        Damaged: it is no ciphertext of this version.
    """
    # Without the version byte it would be taken for another version's.
    if not ciphertext.startswith(_MAGIC) or len(ciphertext) <= len(_MAGIC):
        raise Damaged(
            f"these {len(ciphertext)} bytes are no ciphertext of a vault: give what encrypt() "
            "returned, as bytes, whole"
        )
    if (version := ciphertext[len(_MAGIC)]) != _VERSION:
        raise Damaged(
            f"a ciphertext of version {version}, and this vault reads version {_VERSION}: use the "
            "release that wrote it, or a later one"
        )
    if len(ciphertext) < OVERHEAD_BYTES:
        raise Damaged(
            f"a ciphertext of {len(ciphertext)} bytes, but the shortest has {OVERHEAD_BYTES}: it "
            "was cut off; give it whole"
        )
    return ciphertext[_KEY_AT:_SEAL_AT].hex()


def open(ciphertext: bytes, keyring: str, key: DataKey) -> bytes:
    """The plaintext of a ciphertext that was encrypted with this data key of that keyring.

    Raises:
        Damaged: it was not, or was changed afterwards.
    """
    try:
        header = ciphertext[:_SEAL_AT]
        return key.open(ciphertext[_SEAL_AT:], _associated(header, keyring))
    except cipher.BadSeal:
        raise Damaged(
            f"a ciphertext of keyring {keyring!r}, data key {key.id}, was changed after it was "
            "encrypted, or cut off: get it again from where it was stored first"
        ) from None


def _associated(header: bytes, keyring: str) -> bytes:
    # The header's length is fixed, so that no two pairs give the same bytes.
    return header + keyring.encode()
