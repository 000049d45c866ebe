"""Stored things as bytes, for the caches."""

import msgspec


class Rows[V]:
    """How values of one dataclass become bytes for Redis, and values again.

    Args:
        kind: the dataclass.
        version: of its fields; another release's bytes are loaded anew. One character.
    """

    def __init__(self, kind: type[V], version: str) -> None:
        self._version = version.encode()
        self._decoder = msgspec.json.Decoder(kind)

    def encode(self, value: V) -> bytes:
        """The value's bytes."""
        return self._version + msgspec.json.encode(value)

    def decode(self, stored: bytes) -> V:
        """The value of bytes.

        Raises:
            ValueError: they are none's, or another release's.
        """
        if stored[:1] != self._version:
            raise ValueError("a row of another release")
        try:
            return self._decoder.decode(stored[1:])
        except msgspec.DecodeError as error:
            raise ValueError("no such row") from error
