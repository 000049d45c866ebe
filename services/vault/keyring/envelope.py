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
from services.vault.keyring import cipher

KEY_ID_BYTES = 16

_MAGIC = b"BV"
_VERSION = 1
_KEY_AT = len(_MAGIC) + 1

SEAL_AT = _KEY_AT + KEY_ID_BYTES
OVERHEAD_BYTES = SEAL_AT + cipher.OVERHEAD_BYTES


def header(key_id: str) -> bytes:
    """What stands before the seal: the format, and the data key's id (32 hexadecimal digits)."""
    return _MAGIC + bytes([_VERSION]) + bytes.fromhex(key_id)


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
    return ciphertext[_KEY_AT:SEAL_AT].hex()
