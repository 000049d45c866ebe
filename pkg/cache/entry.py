"""How an entry looks in Redis.

| offset | bytes | content |
| ------ | ----- | ------- |
| 0      | 2     | "BC" |
| 2      | 1     | version: 1 |
| 3      | 8     | expiry: milliseconds since 1970-01-01 UTC, unsigned, big-endian |
| 11     | 4     | CRC-32 of bytes 3 to 10 and the value, big-endian |
| 15     | n     | the value |
"""

import struct
import zlib
from datetime import UTC, datetime, timedelta

_MAGIC = b"BC\x01"
_EXPIRY = struct.Struct(">Q")
_CRC = struct.Struct(">I")
_EXPIRY_AT = len(_MAGIC)
_CRC_AT = _EXPIRY_AT + _EXPIRY.size
_VALUE_AT = _CRC_AT + _CRC.size
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class BadEntry(ValueError):
    """The bytes are not an entry of this version, or damaged."""


def encode(value: bytes, expires: datetime) -> bytes:
    """The bytes of an entry that is valid before `expires` (aware; whole milliseconds count)."""
    expiry = _EXPIRY.pack((expires - _EPOCH) // _MILLISECOND)
    return _MAGIC + expiry + _CRC.pack(zlib.crc32(value, zlib.crc32(expiry))) + value


def decode(entry: bytes, now: datetime) -> bytes | None:
    """The value of an entry, or None if it has expired at the instant `now` (aware).

    Raises:
        BadEntry: the bytes are not an entry of this version, or damaged.
    """
    if len(entry) < _VALUE_AT or not entry.startswith(_MAGIC):
        raise BadEntry("not an entry of this version")
    expiry, value = entry[_EXPIRY_AT:_CRC_AT], entry[_VALUE_AT:]
    (crc,) = _CRC.unpack_from(entry, _CRC_AT)
    if crc != zlib.crc32(value, zlib.crc32(expiry)):
        raise BadEntry("damaged")
    (expires_ms,) = _EXPIRY.unpack(expiry)
    return value if (now - _EPOCH) // _MILLISECOND < expires_ms else None
