"""For tests: Redis from an image that nobody prepared for tests, without a client library."""

import socket
from typing import Any

from pkg.dockertest import engine, image
from pkg.dockertest.any_image import Container, ContainerServer

COMMAND = ("redis-server", "--bind", "0.0.0.0", "--protected-mode", "no")
PORT = 6379
_SECONDS = 1.0


def source() -> str:
    """The image from which Redis's prepared image was made; it is here with it."""
    at = engine.connect()
    about = at.image(image.find(at, "redis").name)
    assert about
    return str(about["Config"]["Labels"][image.LABEL_SOURCE])


def ask(server: ContainerServer, *words: str) -> str:
    """Redis's answer to a command, as it is on the wire (https://redis.io/docs/reference/)."""
    with socket.create_connection((server.host, server.port), _SECONDS) as connection:
        connection.settimeout(_SECONDS)
        connection.sendall(f"{' '.join(words)}\r\n".encode())
        return connection.recv(65536).decode()


def answers(server: ContainerServer) -> bool:
    """A `ready`."""
    return ask(server, "PING") == "+PONG\r\n"


def redis(*arguments: str, **options: Any) -> Container:
    """A server with these arguments more, or with other options."""
    given = {"command": (*COMMAND, *arguments), "ready": answers, **options}
    return Container(image=source(), port=PORT, **given)
