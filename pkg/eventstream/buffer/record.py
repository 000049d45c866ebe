"""What a segment's file is made of: a header, and records one after another.

docs/eventstream.md has both byte by byte.
"""

import struct
import zlib
from collections.abc import Buffer, Iterator
from dataclasses import dataclass
from typing import NamedTuple

MAGIC = b"BERTHEV1"
MARK = b"\xb3REC"
HEADER_BYTES = 64
SENT_AT = 16  # where the header has what the broker has acknowledged

_HEADER = struct.Struct("<8sII")  # magic, salt, crc of both
_SENT = struct.Struct("<QI")  # the offset, its crc
_FRONT = struct.Struct("<4sI")  # mark, crc of what follows
_SIZES = struct.Struct("<IHHq")  # of topic, key and value; of the topic; of the key; when
_WHOLE = struct.Struct("<4sIIHHq")
RECORD_BYTES = _WHOLE.size  # without topic, key and value
_NO_KEY = 0xFFFF
MOST_KEY_BYTES = _NO_KEY - 1


class Record(NamedTuple):
    """An event on its way to the broker.

    Attributes:
        at: when it was published, in milliseconds since 1970.
        end: the offset of what follows it in its segment.
    """

    topic: bytes
    key: bytes | None
    value: bytes
    at: int
    end: int


@dataclass(frozen=True)
class Scan:
    """What a segment has that nobody knows yet.

    Attributes:
        records: how many are whole.
        end: the offset behind the last one.
        holes: places where something damaged stands before a whole record.
        cut: whether something stands behind the last record: it was not written to its end.
    """

    records: int
    end: int
    holes: int
    cut: bool


def header(salt: int) -> bytes:
    """A new segment's; the salt parts its records from those of any other."""
    known = _HEADER.pack(MAGIC, salt, 0)[:-4]
    told = known + zlib.crc32(known).to_bytes(4, "little")
    return (told + sent(salt, HEADER_BYTES)).ljust(HEADER_BYTES, b"\0")


def salt_of(data: bytes) -> int | None:
    """The salt in a segment's header; None where it is no segment of this version."""
    if len(data) < HEADER_BYTES:
        return None
    magic, salt, crc = _HEADER.unpack_from(data)
    is_whole = magic == MAGIC and crc == zlib.crc32(data[: _HEADER.size - 4])
    return int(salt) if is_whole else None


def sent(salt: int, offset: int) -> bytes:
    """What the header says of what the broker has acknowledged: all before the offset."""
    return _SENT.pack(offset, zlib.crc32(offset.to_bytes(8, "little"), salt))


def sent_of(data: bytes, salt: int) -> int:
    """The offset that `sent` wrote; the first record's where that is damaged."""
    offset, crc = _SENT.unpack_from(data, SENT_AT)
    if crc != zlib.crc32(data[SENT_AT : SENT_AT + 8], salt):
        return HEADER_BYTES
    return int(offset)


def encode(salt: int, offset: int, topic: bytes, key: bytes | None, value: bytes, at: int) -> bytes:
    """A record that shall stand at an offset of the segment with that salt."""
    if key is None:
        size, key_size, key = len(topic) + len(value), _NO_KEY, b""
    else:
        size, key_size = len(topic) + len(key) + len(value), len(key)
    rest = b"".join((_SIZES.pack(size, len(topic), key_size, at), topic, key, value))
    return _FRONT.pack(MARK, zlib.crc32(rest, salt + offset & 0xFFFFFFFF)) + rest


def decode(data: bytes, place: int, salt: int, offset: int) -> Record | None:
    """The record at a place of some of a segment's bytes, and at an offset of the segment.

    Returns:
        None where no whole record stands there.
    """
    start = place + RECORD_BYTES
    if start > len(data):
        return None
    mark, crc, size, topic_size, key_size, at = _WHOLE.unpack_from(data, place)
    end = start + size
    if mark != MARK or end > len(data):
        return None
    if crc != zlib.crc32(data[place + _FRONT.size : end], salt + offset & 0xFFFFFFFF):
        return None
    key_at = start + topic_size
    value_at = key_at if key_size == _NO_KEY else key_at + key_size
    key = None if key_size == _NO_KEY else data[key_at:value_at]
    return Record(data[start:key_at], key, data[value_at:end], at, offset + RECORD_BYTES + size)


def time_of(data: Buffer, offset: int) -> int | None:
    """When the record at an offset of a segment was published; None where none begins there."""
    mark, _, _, _, _, at = _WHOLE.unpack_from(data, offset)
    return int(at) if mark == MARK else None


def run(data: bytes, salt: int, offset: int) -> Iterator[Record]:
    """The whole records that stand one after another in what a segment has from an offset on."""
    place = 0
    while (one := decode(data, place, salt, offset + place)) is not None:
        yield one
        place = one.end - offset


def records(data: bytes, salt: int, offset: int) -> Iterator[Record]:
    """The whole records of a segment from an offset on, past what is damaged between them."""
    while (found := _next(data, salt, offset)) is not None:
        yield found[1]
        offset = found[1].end


def scan(data: bytes, salt: int, offset: int) -> Scan:
    """What a segment has from an offset on."""
    count = holes = 0
    while (found := _next(data, salt, offset)) is not None:
        count += 1
        holes += found[0] > offset
        offset = found[1].end
    return Scan(count, offset, holes, cut=bool(data[offset:].strip(b"\0")))


def _next(data: bytes, salt: int, offset: int) -> tuple[int, Record] | None:
    """The first whole record at an offset or behind it, and where."""
    place = offset
    while place != -1:
        record = decode(data, place, salt, place)
        if record is not None:
            return place, record
        place = data.find(MARK, place + 1)
    return None
