"""The text of a key, such as prod_3ZkVQ7wq8bGmB1sTnU4xRe: made, shown in part, and looked up.

A prefix of the owner's choice, an underscore, and random bytes in base58: digits and letters
without those that people take for one another. What is stored is the SHA-256 of all of it.
"""

import hashlib
import math
import secrets
from dataclasses import dataclass, field

_DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SHOWN = 4  # digits; of 16 bytes, they leave 104 bits to guess


@dataclass(frozen=True)
class Secret:
    """A key's text, which its maker alone sees.

    Attributes:
        text: the key. Not shown in logs.
        start: its beginning, by which people know it.
    """

    text: str = field(repr=False)
    start: str

    @property
    def digest(self) -> bytes:
        """What is stored of it."""
        return digest(self.text)


def new(prefix: str, byte_length: int) -> Secret:
    """A new key.

    Args:
        prefix: "" for none.
        byte_length: of how many random bytes.
    """
    number = int.from_bytes(secrets.token_bytes(byte_length))
    # As many digits for each number: the length tells nothing.
    digits = math.ceil(byte_length * 8 / math.log2(len(_DIGITS)))
    body = ""
    for _ in range(digits):
        number, digit = divmod(number, len(_DIGITS))
        body = _DIGITS[digit] + body
    before = f"{prefix}_" if prefix else ""
    return Secret(before + body, before + body[:_SHOWN])


def digest(text: str) -> bytes:
    """By what a key is found: 32 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def prefix(start: str) -> str:
    """The prefix of the key that begins so; "" if it has none."""
    return start.rpartition("_")[0]
