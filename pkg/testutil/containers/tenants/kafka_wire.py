"""Kafka's protocol, for the requests that confluent-kafka has no method for. Standard library only.

A request's body is written as Python values, in the encoding of the "flexible" versions: a tuple is
a structure, a list an array, text and bytes are what they are, and numbers say how long they are:
`number(5, 4)`. An answer is read by its form: `(4, str, [str])` is a structure of a number of four
bytes, a text and an array of texts. The messages: https://kafka.apache.org/protocol
"""

import socket
import struct
from io import BytesIO
from typing import Any

_SASL_HANDSHAKE, _SASL_AUTHENTICATE, _API_VERSIONS = 17, 36, 18
_SECONDS = 10.0


class Raw(bytes):
    """Something encoded."""


class Connection:
    """A connection to a broker. Not thread-safe.

    Args:
        name: what the client calls itself in its requests.

    Raises:
        OSError: it cannot be made, has ended, or no answer came in time; here and in all methods.
    """

    def __init__(
        self, host: str, port: int, seconds: float = _SECONDS, name: str | None = None
    ) -> None:
        self._name = short(name) if name else number(-1, 2)
        self._socket = socket.create_connection((host, port), seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")
        self._sent = 0

    def close(self) -> None:
        """Ends it; in a forked child, its share in it. It may have ended."""
        self._stream.close()
        self._socket.close()

    def login(self, user: str, password: str) -> None:
        """Authenticates with the mechanism PLAIN.

        Raises:
            PermissionError: the broker refuses it.
        """
        self.handshake("PLAIN")
        self.authenticate(f"\0{user}\0{password}".encode())

    def handshake(self, mechanism: str) -> None:
        """Says how one will authenticate."""
        self.ask(_SASL_HANDSHAKE, 1, short(mechanism), flexible=False)

    def authenticate(self, token: bytes) -> bytes:
        """Sends what a mechanism wants; returns the broker's answer to it."""
        answer = self.ask(_SASL_AUTHENTICATE, 2, (token,))
        code, message, reply = decode(answer, (2, str, bytes))
        if code:
            raise PermissionError(message)
        assert isinstance(reply, bytes)
        return reply

    def ask(self, api: int, version: int, body: Any, *, flexible: bool = True) -> bytes:
        """Sends a request; returns the body of its answer, encoded.

        Args:
            api: the number of the request's kind.
            body: values, or something encoded, which has to be if the version is not flexible.
        """
        self._sent += 1
        head = struct.pack(">hhi", api, version, self._sent) + self._name
        request = head + (b"\0" if flexible else b"") + encode(body)
        try:
            self._socket.sendall(struct.pack(">i", len(request)) + request)
            [size] = struct.unpack(">i", self._read(4))
            answer = self._read(size)
        except BaseException:
            self.close()  # or what comes late would be the next one's answer
            raise
        # The answer to this one is for clients of any age.
        tagged = flexible and api != _API_VERSIONS
        return answer[5:] if tagged else answer[4:]

    def _read(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) < size:
            raise ConnectionError("the broker has closed the connection")
        return data


def number(value: int, size: int) -> Raw:
    """A number of so many bytes."""
    return Raw(value.to_bytes(size, "big", signed=True))


def short(text: str) -> Raw:
    """A text in the encoding of versions that are not flexible."""
    return Raw(number(len(text.encode()), 2) + text.encode())


def encode(value: Any) -> bytes:
    """A value as it is sent."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, bool):
        return bytes([value])
    if isinstance(value, tuple):
        return b"".join(map(encode, value)) + b"\0"  # no tagged fields
    if value is None:
        return b"\0"
    if isinstance(value, str):
        value = value.encode()
    data = value if isinstance(value, bytes) else b"".join(map(encode, value))
    return _varint(len(value) + 1) + data


def decode(data: bytes, form: tuple[Any, ...]) -> tuple[Any, ...]:
    """What was received, by its form.

    Args:
        form: the forms of its fields, or of the first of them. The form of a number is how many
            bytes it has, of others `str`, `bytes` or `float`; of an array a list of its elements'
            form; of a structure a tuple of its fields' forms.
    """
    stream = BytesIO(data)
    return tuple([_decode(stream, one) for one in form])


def _decode(data: BytesIO, form: Any) -> Any:
    if isinstance(form, int):
        return int.from_bytes(data.read(form), "big", signed=True)
    if form is float:
        return struct.unpack(">d", data.read(8))[0]
    if isinstance(form, tuple):
        values = tuple([_decode(data, one) for one in form])
        for _ in range(_read_varint(data)):
            _read_varint(data)
            data.read(_read_varint(data))
        return values
    size = _read_varint(data) - 1
    if isinstance(form, list):
        return [_decode(data, form[0]) for _ in range(size)]
    if size < 0:
        return None
    return data.read(size) if form is bytes else data.read(size).decode()


def _varint(value: int) -> bytes:
    pieces = bytearray()
    while value > 0x7F:
        pieces.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*pieces, value])


def _read_varint(data: BytesIO) -> int:
    value = shift = 0
    while True:
        [piece] = data.read(1)
        value |= (piece & 0x7F) << shift
        if piece < 0x80:
            return value
        shift += 7
