"""A few of Kafka's requests in bytes: those that confluent-kafka does not make."""

import struct

from pkg.dockertest.kafka import KafkaServer
from pkg.testutil.containers.tenants.kafka_wire import Connection, Raw, encode

_API_VERSIONS = 18
_EPOCH = 1  # the tag of what counts the changes


def i8(value: int) -> bytes:
    """One byte."""
    return struct.pack(">b", value)


def i16(value: int) -> bytes:
    """Two bytes."""
    return struct.pack(">h", value)


def i32(value: int) -> bytes:
    """Four bytes."""
    return struct.pack(">i", value)


def i64(value: int) -> bytes:
    """Eight bytes."""
    return struct.pack(">q", value)


def f64(value: float) -> bytes:
    """A number with a fraction."""
    return struct.pack(">d", value)


def text(value: str | None) -> bytes:
    """A text, or none."""
    return i16(-1) if value is None else i16(len(value.encode())) + value.encode()


def array(*items: bytes) -> bytes:
    """A list."""
    return i32(len(items)) + b"".join(items)


def short_text(value: str | None) -> bytes:
    """A text, or none, as newer requests have it."""
    return encode(value)


def short_array(*items: bytes) -> bytes:
    """A list, as newer requests have it."""
    return encode([Raw(one) for one in items])


class Wire(Connection):
    """A connection of the server's user, which asks by the name `left`, open until it is closed."""

    def __init__(self, server: KafkaServer) -> None:
        super().__init__(server.host, server.port, name="left")
        self.login(server.user, server.password)

    def apis(self) -> set[int]:
        """The requests that the server says it knows."""
        answer = self.ask(_API_VERSIONS, 0, Raw(), flexible=False)
        (count,) = struct.unpack(">i", answer[2:6])
        return {struct.unpack(">h", answer[6 + 6 * one : 8 + 6 * one])[0] for one in range(count)}

    def features(self) -> bytes:
        """What the cluster's features are set to."""
        answer = self.ask(_API_VERSIONS, 3, ("left", "1"))
        at = 3 + (answer[2] - 1) * 7 + 4  # behind the error, the requests, and the throttling
        found, at = b"", at + 1
        while at < len(answer):
            tag, size = answer[at], answer[at + 1]  # one byte each, as long as they are few
            width = 2 + (size > 0x7F)
            size = size & 0x7F | answer[at + 2] << 7 if width == 3 else size
            found += b"" if tag == _EPOCH else answer[at : at + width + size]
            at += width + size
        return found
