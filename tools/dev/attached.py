"""Runs a command in the toolbox over the engine's exec API, as if it ran here.

Output comes through as it is written, signals go to the command, its exit status comes back. When
this process dies, however it dies, the connection breaks and `inside.py` ends the command.
"""

import json
import os
import select
import signal
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pkg.dockertest.engine import Connection, Engine, check, request_bytes
from pkg.dockertest.errors import EngineUnavailable
from tools.dev import toolbox
from tools.dev.problem import Problem

_SUPERVISOR = Path(__file__).resolve().with_name("inside.py")
# SIGHUP is left out: a closed terminal ends dev, and so what runs inside.
_PASSED = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2)
_FRAME = struct.Struct(">BxxxL")  # stream (1 stdout, 2 stderr), bytes that follow
_PIECE_BYTES = 65536
_LOOK_SECONDS = 0.05
_UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}


def run(
    engine: Engine,
    container: str,
    command: Sequence[str],
    *,
    directory: Path,
    environ: Mapping[str, str],
    takes_input: bool = False,
) -> int:
    """Runs a command in the container and returns its exit status.

    Args:
        takes_input: whether dev's standard input is the command's; else it has none.

    Raises:
        EngineUnavailable: the engine went away before the command ended.
    """
    terminals = [number for number in (1, 2) if os.isatty(number)]
    order = {
        "command": list(command),
        "directory": str(directory),
        "environ": dict(environ),
        "terminals": terminals,
        "size": _size(terminals),
        "input": takes_input,
    }
    with _signals() as woken:
        execution = _create(engine, container)
        # Between two pieces of output there may be hours.
        connection = engine.connect(timeout=None)
        try:
            _start(connection, execution)
            connection.socket.sendall(json.dumps(order).encode() + b"\n")
            _Session(connection, woken, terminals, takes_input).attend()
        except OSError as error:
            raise EngineUnavailable(
                f"the connection to the toolbox broke: {error}; see what is wrong with: "
                "./dev doctor"
            ) from error
        finally:
            connection.close()
        return exit_status(engine, execution)


def exit_status(engine: Engine, execution: str, within: float = 10.0) -> int:
    """The exit status of a command whose output has ended.

    Args:
        within: seconds in which the engine may notice the end itself.

    Raises:
        EngineUnavailable: it did not.
    """
    deadline = time.monotonic() + within
    while (about := engine.request("GET", f"/exec/{execution}/json"))["Running"]:
        if time.monotonic() >= deadline:
            raise EngineUnavailable("the toolbox's output ended before the command; run it again")
        time.sleep(_LOOK_SECONDS)
    return int(about["ExitCode"])


class _Session:
    """One command's streams."""

    def __init__(
        self, connection: Connection, woken: int, terminals: list[int], takes_input: bool
    ) -> None:
        self._connection = connection
        self._woken = woken
        self._terminals = terminals
        self._sources: list[Any] = [connection.socket, woken, *([0] if takes_input else [])]
        self._split = frames(self._show)

    def attend(self) -> None:
        """Passes everything on until the command's output ends."""
        # inside.py is silent until it has its order, so nothing is left in the reader's buffer.
        reader = self._connection.raw()
        pending = getattr(self._connection.socket, "pending", lambda: 0)  # TLS keeps some back
        while True:
            ready, _, _ = select.select(self._sources, [], [])
            if self._woken in ready:
                for number in os.read(self._woken, _PIECE_BYTES):
                    self._signal(number)
            if 0 in ready:
                self._input(os.read(0, _PIECE_BYTES))
            if self._connection.socket in ready:
                more = True
                while more:
                    data = reader.read1(_PIECE_BYTES)
                    if not data:
                        return
                    self._split(data)
                    more = pending() > 0

    def _signal(self, number: int) -> None:
        if number == signal.SIGWINCH:
            rows, columns = _size(self._terminals)
            self._send(b"size %d %d\n" % (rows, columns))
        else:
            self._send(b"signal %d\n" % number)

    def _input(self, data: bytes) -> None:
        self._send(b"input %d\n%s" % (len(data), data))
        if not data:
            self._sources.remove(0)

    def _send(self, data: bytes) -> None:
        self._connection.socket.sendall(data)

    def _show(self, stream: int, data: bytes) -> None:
        try:
            while data:
                try:
                    data = data[os.write(stream, data) :]
                except BlockingIOError:  # somebody we share it with has made it so
                    select.select([], [stream], [])
        except BrokenPipeError:
            # Whoever read our output is gone: die of it like any command, and so end the command.
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGPIPE)
        except OSError as error:
            raise Problem(f"the output cannot be written: {error.strerror}") from error


def frames(show: Callable[[int, bytes], None]) -> Callable[[bytes], None]:
    """A function that takes the engine's multiplexed output apart, in pieces of any length.

    Args:
        show: is given each piece with its stream, 1 stdout or 2 stderr, as soon as it is there.
    """
    held = b""
    stream, left = 0, 0

    def take(data: bytes) -> None:
        nonlocal held, stream, left
        held += data
        while held:
            if not left:
                if len(held) < _FRAME.size:
                    return
                stream, left = _FRAME.unpack_from(held)
                held = held[_FRAME.size :]
            piece, held = held[:left], held[left:]
            left -= len(piece)
            if piece:
                show(stream, piece)

    return take


def _create(engine: Engine, container: str) -> str:
    body = {
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "Tty": False,
        "Cmd": [toolbox.PYTHON, "-I", "-S", str(_SUPERVISOR)],
    }
    return str(engine.request("POST", f"/containers/{container}/exec", None, body)["Id"])


def _start(connection: Connection, execution: str) -> None:
    body = {"Detach": False, "Tty": False}
    path = f"/exec/{execution}/start"
    connection.send(request_bytes("POST", path, None, body, _UPGRADE))
    response = connection.answer()
    if response.status not in (101, 200):
        check(response.status, response.read(), f"POST {path}")
        raise Problem(f"the Docker Engine answered {path} with status {response.status}")


@contextmanager
def _signals() -> Iterator[int]:
    """Turns signals into bytes to read, so that none interrupts what is being sent."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    before: dict[int, Any] = {
        number: signal.signal(number, lambda *_: None) for number in (*_PASSED, signal.SIGWINCH)
    }
    previous = signal.set_wakeup_fd(wake)
    try:
        yield woken
    finally:
        signal.set_wakeup_fd(previous)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(woken)
        os.close(wake)


def _size(terminals: list[int]) -> tuple[int, int]:
    """Rows and columns of the first of the terminals."""
    try:
        columns, rows = os.get_terminal_size(terminals[0])
    except (IndexError, OSError):
        columns, rows = 80, 24
    return rows, columns
