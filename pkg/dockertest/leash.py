"""The leash: a container that lives as long as somebody holds its standard input.

A container is made and attached to before it is started, so it never runs without a holder: from
its first moment, its first process sees the end of its input when the holder is gone. A container
that was made and not started when its holder was killed is removed by the guard.
"""

import os
import select
import socket
import threading
import weakref
from contextlib import suppress
from typing import Any

from pkg.dockertest import guard
from pkg.dockertest.engine import Connection, Engine, check, request_bytes
from pkg.dockertest.errors import DockertestError, EngineError, ImageUnavailable

_SEND_SECONDS = 60.0  # an engine that stands still takes some 200 KB, and no more

_held: "weakref.WeakSet[Leash]" = weakref.WeakSet()
_forking = threading.RLock()  # no fork between a connection's opening and its entry in _held


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
        self._engine = engine
        self._body = _with_leash(body)
        self._lock = threading.Lock()
        self._commands = 0
        with _forking:
            self._connection: Connection | None = engine.connect()
            _held.add(self)

    def start(self, archive: bytes = b"") -> None:
        """Makes and starts the container.

        Args:
            archive: a tar file that is unpacked at the container's root before it is started.

        Raises:
            ImageUnavailable: its image is not here.
            EngineError: the engine refused it; nothing is left of it.
            EngineUnavailable: the engine went away.
        """
        connection = self._open()
        with guard.watching(self.name):
            # As one piece: the engine attaches as soon as it has made the container.
            connection.send(
                request_bytes("POST", "/containers/create", {"name": self.name}, self._body)
                + request_bytes(
                    "POST",
                    f"/containers/{self.name}/attach",
                    {"stream": 1, "stdin": 1},
                    headers={"Upgrade": "tcp", "Connection": "Upgrade"},
                )
            )
            try:
                for step in ("create", "attach"):
                    self._expect(step, connection)
                connection.socket.settimeout(_SEND_SECONDS)
                if archive:
                    self._unpack(archive)
                self._engine.request("POST", f"/containers/{self.name}/start")
            except BaseException as error:
                self.close()
                if isinstance(error, EngineError) and not isinstance(error, ImageUnavailable):
                    self._remove()
                raise

    def _unpack(self, archive: bytes) -> None:
        pieces = self._engine.stream(
            "PUT",
            f"/containers/{self.name}/archive",
            {"path": "/"},
            archive,
            headers={"Content-Type": "application/x-tar"},
            timeout=60.0,
        )
        for _ in pieces:
            pass

    def _remove(self) -> None:
        """Removes what a refused start has left."""
        try:
            self._engine.request("DELETE", f"/containers/{self.name}", {"force": 1, "v": 1})
        except DockertestError as error:
            if getattr(error, "status", 0) not in (404, 409):  # gone, or going already
                guard.remove(self.name)

    def command(self, line: str, payload: bytes = b"") -> int:
        """Sends a command to the first process; see `init/init.c`.

        Returns:
            its number, counted from 1: the first process says when it has obeyed it.

        Raises:
            EngineUnavailable: the engine went away.
            RuntimeError: the leash has been let go.
        """
        with self._lock:
            try:
                self._open().send(f"{line}\n".encode() + payload)
            except BaseException:
                self.close()  # half a command may be on its way
                raise
            self._commands += 1
            return self._commands

    def is_alive(self) -> bool:
        """Whether it holds a container that has not ended, as far as the engine has told."""
        connection = self._connection
        if connection is None:
            return False
        try:
            poll = select.poll()  # select() knows the first 1024 descriptors only
            poll.register(connection.socket, select.POLLIN)
            # The engine sends nothing down this stream but its end.
            return not poll.poll(0) or bool(connection.socket.recv(1, socket.MSG_PEEK))
        except (OSError, ValueError):  # closed meanwhile
            return False

    def close(self) -> None:
        """Lets go. The container ends itself if nobody else holds it."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with suppress(OSError):  # the engine was faster
            connection.socket.shutdown(socket.SHUT_RDWR)
        connection.close()

    def forget(self) -> None:
        """Closes this process's copy only; the holder that forked keeps its own."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.abandon()

    def _open(self) -> Connection:
        if self._connection is None:
            raise RuntimeError(f"the container {self.name} has been let go")
        return self._connection

    def _expect(self, step: str, connection: Connection) -> None:
        """Reads the step's answer, and raises what the engine says if it refused."""
        answer = connection.answer()
        content = connection.read(answer.read)
        try:
            check(answer.status, content, f"to {step} the container {self.name}")
        except EngineError as error:
            if answer.status == 404 and step == "create":
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
    _forking.release()


os.register_at_fork(
    before=_forking.acquire, after_in_parent=_forking.release, after_in_child=_forget_all
)
