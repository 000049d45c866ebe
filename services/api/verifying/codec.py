"""Stored keys as bytes, for the cache. A key's text is not in them."""

import msgspec

from services.api.domain.key import Key

_VERSION = b"1"
_decoder = msgspec.json.Decoder(Key)


class Keys:
    """How a key becomes bytes for Redis, and a key again."""

    def encode(self, value: Key) -> bytes:
        """The key's bytes."""
        return _VERSION + msgspec.json.encode(value)

    def decode(self, stored: bytes) -> Key:
        """The key of bytes.

        Raises:
            ValueError: they are none's, or another release's.
        """
        if stored[:1] != _VERSION:
            raise ValueError("a key of another release")
        try:
            return _decoder.decode(stored[1:])
        except msgspec.DecodeError as error:
            raise ValueError("no key") from error
