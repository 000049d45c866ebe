"""Runs one command in the toolbox for `./dev`, and ends it when `./dev` is gone.

Standard input is the control channel. Its first line is the order, as JSON; then come lines:

    signal N     pass signal N on to the command
    size R C     the terminal now has R rows and C columns
    input N      N bytes for the command's standard input follow; 0 ends it

Its end means that nobody waits for the command any more: it is interrupted, so that Bazel cancels
its work and kills the tests that run, and made to end if it does not. Exits with the command's
status, 128 + N if a signal ended it. Standard library only.
"""

import fcntl
import json
import os
import pty
import queue
import select
import selectors
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from typing import Any

# After the end of the control channel: the signal, and seconds until the next one.
ENDING = ((signal.SIGINT, 10.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
_PIECE_BYTES = 65536
_LAST_SECONDS = 0.2
_CANNOT_RUN = 127


class Command:
    """The command while it runs."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.master = -1
        self.input = -1
        streams: dict[str, Any] = {}
        slave = -1
        terminals = order.get("terminals") or []
        if terminals:
            self.master, slave = pty.openpty()
            _plain(slave)
            self.resize(*order["size"])
            self._shown_on = min(terminals)
            streams |= {{1: "stdout", 2: "stderr"}[number]: slave for number in terminals}
        if not order.get("input"):
            streams["stdin"] = subprocess.DEVNULL
        elif terminals:
            streams["stdin"], self.input = slave, os.dup(self.master)
        else:
            streams["stdin"], self.input = os.pipe()
        self.process = subprocess.Popen(
            order["command"],
            cwd=order["directory"],
            env=order["environ"],
            start_new_session=True,
            **streams,
        )
        self._inputs: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        if self.input >= 0:
            threading.Thread(target=self._feed, daemon=True).start()
        for number in {slave, streams["stdin"]} - {-1, subprocess.DEVNULL}:
            os.close(number)

    def signal(self, number: int) -> None:
        """Sends a signal to the command's whole process group."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def resize(self, rows: int, columns: int) -> None:
        """Tells the command's terminal its size; the kernel tells the command."""
        if self.master >= 0:
            fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def feed(self, data: bytes) -> None:
        """Gives the command input; b"" ends it. Does not wait for the command to read it."""
        if self.input >= 0:
            self._inputs.put(data)

    def _feed(self) -> None:
        end = b"\x04" if self.master >= 0 else b""  # a terminal's end-of-file is a character
        try:
            while data := self._inputs.get():
                _write(self.input, data)
            _write(self.input, end)
        finally:
            os.close(self.input)

    def show(self) -> bool:
        """Passes on what the command wrote to its terminal; whether there may be more."""
        try:
            data = os.read(self.master, _PIECE_BYTES)
        except OSError:  # nobody has the terminal open any more
            return False
        _write(self._shown_on, data)
        return bool(data)


class Control:
    """Takes the control channel apart."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._held = b""
        self._input_left = 0

    def take(self, data: bytes) -> None:
        """Does what complete lines say; keeps the rest for the next time."""
        self._held += data
        while self._held:
            if self._input_left:
                data, self._held = self._held[: self._input_left], self._held[self._input_left :]
                self._input_left -= len(data)
                self._command.feed(data)
                continue
            line, separator, rest = self._held.partition(b"\n")
            if not separator:
                return
            self._held = rest
            self._do(line.decode().split())

    def _do(self, words: list[str]) -> None:
        match words:
            case ["signal", number]:
                self._command.signal(int(number))
            case ["size", rows, columns]:
                self._command.resize(int(rows), int(columns))
            case ["input", "0"]:
                self._command.feed(b"")
            case ["input", length]:
                self._input_left = int(length)


def main() -> int:
    """Runs the command that the control channel orders."""
    order, rest = _order()
    if order is None:
        return 0  # gone before it said what to do
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    try:
        command = Command(order)
    except OSError as error:
        print(f"dev: {order['command'][0]} does not run in the toolbox: {error}", file=sys.stderr)
        return _CANNOT_RUN
    control = Control(command)
    control.take(rest)
    status = _attend(command, control, woken)
    return 128 - status if status < 0 else status


def _attend(command: Command, control: Control, woken: int) -> int:
    ending = list(ENDING)
    deadline: float | None = None
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        if command.master >= 0:
            selector.register(command.master, selectors.EVENT_READ)
        while command.process.poll() is None:
            if deadline is not None and time.monotonic() >= deadline:
                number, seconds = ending.pop(0) if ending else (signal.SIGKILL, 1.0)
                command.signal(number)
                deadline = time.monotonic() + seconds
            wait = None if deadline is None else max(0.0, deadline - time.monotonic())
            for key, _ in selector.select(wait):
                if key.fd == woken:
                    os.read(woken, _PIECE_BYTES)
                elif key.fd == command.master:
                    if not command.show():
                        selector.unregister(command.master)
                elif data := _read_control():
                    control.take(data)
                else:
                    selector.unregister(0)
                    deadline = time.monotonic()
    if command.master >= 0:
        # What it wrote last may still be on its way. A process that it left in the background may
        # have the terminal open for ever, so its end is not waited for.
        while select.select([command.master], [], [], _LAST_SECONDS)[0] and command.show():
            pass
    return command.process.returncode


def _order() -> tuple[dict[str, Any] | None, bytes]:
    """The first line of the control channel, and what came with it."""
    held = b""
    while b"\n" not in held:
        data = _read_control()
        if not data:
            return None, b""
        held += data
    line, _, rest = held.partition(b"\n")
    order: dict[str, Any] = json.loads(line)
    return order, rest


def _read_control() -> bytes:
    try:
        return os.read(0, _PIECE_BYTES)
    except OSError:
        return b""


def _plain(terminal: int) -> None:
    """No echo and no carriage returns: the user's own terminal adds both."""
    attributes = termios.tcgetattr(terminal)
    attributes[1] &= ~termios.OPOST
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, attributes)


def _write(number: int, data: bytes) -> None:
    try:
        while data:
            data = data[os.write(number, data) :]
    except OSError:  # nobody reads it any more; the end of the control channel says so too
        pass


if __name__ == "__main__":
    sys.exit(main())
