"""A few of Kafka's requests in bytes: those that confluent-kafka does not make."""

import socket
import struct

from pkg.dockertest.kafka import KafkaServer

_SECONDS = 10.0
_API_VERSIONS, _SASL_HANDSHAKE, _SASL_AUTHENTICATE = 18, 17, 36
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
    return _number(0) if value is None else _number(len(value.encode()) + 1) + value.encode()


def short_array(*items: bytes) -> bytes:
    """A list, as newer requests have it."""
    return _number(len(items) + 1) + b"".join(items)


def _number(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


class Wire:
    """A connection of the server's user, open until it is closed."""

    def __init__(self, server: KafkaServer) -> None:
        self._socket = socket.create_connection((server.host, server.port), timeout=_SECONDS)
        self.ask(_SASL_HANDSHAKE, 1, text("PLAIN"))
        token = f"\0{server.user}\0{server.password}".encode()
        answer = self.ask(_SASL_AUTHENTICATE, 0, i32(len(token)) + token)
        assert answer[:2] == i16(0), answer

    def ask(self, api: int, version: int, body: bytes, *, newer: bool = False) -> bytes:
        """What it answers, without the head; newer requests have tags at the end of each part.

        Raises:
            OSError: the server hung up, as it does on what it cannot read.
        """
        message = i16(api) + i16(version) + i32(1) + text("left") + (b"\0" if newer else b"") + body
        self._socket.sendall(i32(len(message)) + message)
        (length,) = struct.unpack(">i", self._read(4))
        return self._read(length)[4:]

    def apis(self) -> set[int]:
        """The requests that the server says it knows."""
        answer = self.ask(_API_VERSIONS, 0, b"")
        (count,) = struct.unpack(">i", answer[2:6])
        return {struct.unpack(">h", answer[6 + 6 * one : 8 + 6 * one])[0] for one in range(count)}

    def features(self) -> bytes:
        """What the cluster's features are set to."""
        answer = self.ask(
            _API_VERSIONS, 3, short_text("left") + short_text("1") + b"\0", newer=True
        )
        at = 3 + (answer[2] - 1) * 7 + 4  # behind the error, the requests, and the throttling
        found, at = b"", at + 1
        while at < len(answer):
            tag, size = answer[at], answer[at + 1]  # one byte each, as long as they are few
            width = 2 + (size > 0x7F)
            size = size & 0x7F | answer[at + 2] << 7 if width == 3 else size
            found += b"" if tag == _EPOCH else answer[at : at + width + size]
            at += width + size
        return found

    def _read(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            piece = self._socket.recv(length - len(found))
            if not piece:
                raise ConnectionError("the server hung up")
            found += piece
        return found

    def close(self) -> None:
        self._socket.close()
