"""The leash: a container that lives as long as somebody holds its standard input.

A container is made, started and attached to by three requests that are sent as one piece on one
connection. So there is no moment at which a holder that dies leaves one behind: either the engine
has nothing, or it has all three, and then the first process sees the end of its input.
"""

import os
import socket
import threading
import weakref
from typing import Any

from pkg.dockertest.engine import Connection, Engine, check, request_bytes
from pkg.dockertest.errors import EngineError, ImageUnavailable

_held: "weakref.WeakSet[Leash]" = weakref.WeakSet()


class Leash:
    """A hold on one container. Close-on-exec, and closed in forked children."""

    def __init__(self, engine: Engine, name: str, body: dict[str, Any]) -> None:
        """Opens the connection; nothing is sent before `start`.

        Args:
            name: the container's name.
            body: the engine's description of the container to be made.

        Raises:
            EngineUnavailable: no engine answers.
        """
        self.name = name
        self._body = _with_leash(body)
        self._lock = threading.Lock()
        self._connection: Connection | None = engine.connect()
        _held.add(self)

    def start(self) -> None:
        """Makes and starts the container.

        Raises:
            ImageUnavailable: its image is not here.
            EngineError: the engine refused it; nothing is left of it.
            EngineUnavailable: the engine went away.
        """
        connection = self._open()
        connection.send(
            request_bytes("POST", "/containers/create", {"name": self.name}, self._body)
            + request_bytes("POST", f"/containers/{self.name}/start")
            + request_bytes(
                "POST",
                f"/containers/{self.name}/attach",
                {"stream": 1, "stdin": 1},
                headers={"Upgrade": "tcp", "Connection": "Upgrade"},
            )
        )
        for step in ("create", "start", "attach"):
            answer = connection.answer()
            if answer.status >= 400:
                self._refused(step, answer.status, answer.read())
            answer.read()
        connection.socket.settimeout(None)

    def command(self, line: str, payload: bytes = b"") -> None:
        """Sends a command to the first process; see `init/init.c`.

        Raises:
            EngineUnavailable: the engine went away.
            RuntimeError: the leash has been let go.
        """
        with self._lock:
            self._open().send(f"{line}\n".encode() + payload)

    def close(self) -> None:
        """Lets go. The container ends itself if nobody else holds it."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            connection.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the engine was faster
        connection.close()

    def forget(self) -> None:
        """Closes this process's copy only; the holder that forked keeps its own."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> Connection:
        if self._connection is None:
            raise RuntimeError(f"the container {self.name} has been let go")
        return self._connection

    def _refused(self, step: str, status: int, content: bytes) -> None:
        self.close()
        try:
            check(status, content, f"to {step} the container {self.name}")
        except EngineError as error:
            if status == 404 and step == "create":
                raise ImageUnavailable(f"{error}; make images with: ./dev images") from error
            raise


def _with_leash(body: dict[str, Any]) -> dict[str, Any]:
    host = {**body.get("HostConfig", {}), "AutoRemove": True}
    return {
        **body,
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": False,
        "AttachStderr": False,
        "HostConfig": host,
    }


def _forget_all() -> None:
    for leash in list(_held):
        leash.forget()


os.register_at_fork(after_in_child=_forget_all)
