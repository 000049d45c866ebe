"""A client that sends what no HTTP library would, for tests."""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.vault.testutil.service import TOKEN, Service

_SECONDS = 20.0


@dataclass(frozen=True)
class Answer:
    """What came back until the server closed the connection."""

    content: bytes

    @property
    def status(self) -> int:
        """0 if nothing came."""
        return int(self.content[9:12]) if self.content else 0

    @property
    def code(self) -> str:
        """The error's."""
        body: Any = json.loads(self.content.partition(b"\r\n\r\n")[2])
        code = body["error"]["code"]
        assert isinstance(code, str)
        return code


def connect(service: Service) -> socket.socket:
    """A connection that gives up after a while."""
    return socket.create_connection(service.address, timeout=_SECONDS)


def head(path: str, method: str = "POST", **headers: str) -> bytes:
    """The beginning of a request, with the token; `_` in a header's name stands for `-`."""
    all_headers: Mapping[str, str] = {
        "host": "vault",
        "authorization": f"Bearer {TOKEN}",
        "content_type": "application/json",
        **headers,
    }
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in all_headers.items()]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()


def rest(connection: socket.socket) -> Answer:
    """All that comes until the server closes, or resets, the connection.

    Raises:
        TimeoutError: it does not.
    """
    parts = []
    try:
        while part := connection.recv(1 << 16):
            parts.append(part)
    except ConnectionResetError:
        pass
    return Answer(b"".join(parts))
