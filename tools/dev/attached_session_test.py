"""A command behind the engine's exec API behaves as if it ran here, and ends with its dev.

The engine is made up, but it runs `inside.py` as the real one would: its standard input is the
connection, and its output comes back in frames.
"""

import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from pkg.dockertest.engine import Engine
from pkg.testutil import eventually
from tools.dev import inside
from tools.dev.fake_engine import Request, fake_engine

SUPERVISOR = Path(inside.__file__).resolve()
DEV = (
    "import sys; from pathlib import Path\n"
    "from pkg.dockertest.endpoint import Endpoint; from pkg.dockertest.engine import Engine\n"
    "from tools.dev import attached\n"
    "host, takes_input, *command = sys.argv[1:]\n"
    "sys.exit(attached.run(Engine(Endpoint(host, 'this test')), 'box', command,\n"
    "    directory=Path('/'), environ={'PATH': '/usr/bin:/bin'}, takes_input=takes_input == 'yes'))"
)


@dataclass
class Box:
    """A toolbox that is this machine.

    Attributes:
        inside: the supervisor, once a command runs.
    """

    engine: Engine
    inside: "subprocess.Popen[bytes] | None" = None

    def start(self, request: Request) -> None:
        """POST /exec/ID/start: takes the connection over."""
        request.wfile.write(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        request.close_connection = True
        connection: socket.socket = request.connection
        self.inside = subprocess.Popen(
            [sys.executable, "-I", "-S", str(SUPERVISOR)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        threading.Thread(target=self._feed, args=[request], daemon=True).start()
        assert self.inside.stdout
        assert self.inside.stderr
        outputs = {self.inside.stdout.fileno(): 1, self.inside.stderr.fileno(): 2}
        while outputs:
            for number in select.select(list(outputs), [], [])[0]:
                data = os.read(number, 65536)
                if not data:
                    del outputs[number]
                    continue
                with suppress(OSError):  # dev has gone; its command's last words are for nobody
                    connection.sendall(struct.pack(">BxxxL", outputs[number], len(data)) + data)
        self.inside.wait()
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)  # ends _feed, too

    def _feed(self, request: Request) -> None:
        assert self.inside
        assert self.inside.stdin
        with self.inside.stdin as channel:
            while data := request.rfile.read1(65536):
                channel.write(data)
                channel.flush()

    def about(self, request: Request) -> None:
        """GET /exec/ID/json."""
        assert self.inside
        status = self.inside.poll()
        if status is not None and status < 0:
            status = 128 - status
        request.answer({"Running": status is None, "ExitCode": status})

    def dev(
        self, script: str, takes_input: bool = False, stdout: int = subprocess.PIPE
    ) -> "subprocess.Popen[bytes]":
        """A process that runs a shell's script in the box."""
        words = [self.engine.endpoint.host, "yes" if takes_input else "no", "sh", "-c", script]
        return subprocess.Popen(
            [sys.executable, "-c", DEV, *words],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )


@pytest.fixture
def box() -> Iterator[Box]:
    with fake_engine() as (engine, routes):
        one = Box(engine)
        routes.add("POST /containers/box/exec", {"Id": "x"}, 201)
        routes.add("POST /exec/x/start", one.start)
        routes.add("GET /exec/x/json", one.about)
        yield one
        if one.inside and one.inside.poll() is None:
            one.inside.kill()


def first_line(dev: "subprocess.Popen[bytes]") -> bytes:
    assert dev.stdout
    return dev.stdout.readline()


def test_output_and_status_come_through(box: Box) -> None:
    with box.dev("echo out; echo err >&2; exit 7") as dev:
        out, err = dev.communicate(timeout=30)
    assert (out, err, dev.returncode) == (b"out\n", b"err\n", 7)


def test_large_output_comes_whole(box: Box) -> None:
    with box.dev("head -c 3000000 /dev/zero") as dev:
        out, _ = dev.communicate(timeout=30)
    assert (len(out), dev.returncode) == (3_000_000, 0)


def test_large_output_comes_whole_where_writing_does_not_wait(box: Box) -> None:
    """A pipe that another of its users has made so."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with box.dev("head -c 300000 /dev/zero", stdout=writing) as dev, open(reading, "rb") as out:
        os.close(writing)
        eventually(lambda: bool(select.select([out], [], [], 0)[0]))
        assert len(out.read()) == 300_000
        assert dev.communicate(timeout=30)[1] == b""
    assert dev.returncode == 0


def test_output_that_cannot_be_written_is_not_the_engines_fault(box: Box) -> None:
    """A full disk; the command ends."""
    with open("/dev/full", "wb") as full, box.dev("echo out", stdout=full.fileno()) as dev:
        _, err = dev.communicate(timeout=30)
    assert b"the output cannot be written: No space left on device" in err
    assert b"broke" not in err


def test_input_goes_in_only_where_it_is_taken(box: Box) -> None:
    with box.dev("cat; echo end", takes_input=True) as dev:
        assert (
            dev.communicate(b"one\ntwo\n" * 1000, timeout=30)[0] == b"one\ntwo\n" * 1000 + b"end\n"
        )
    with box.dev("cat; echo end") as dev:
        assert dev.communicate(b"one\n", timeout=30)[0] == b"end\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT])
def test_signals_are_the_commands(box: Box, number: signal.Signals) -> None:
    """dev goes on until the command has ended, with the command's own status."""
    name = number.name.removeprefix("SIG")
    script = f"trap 'echo bye; exit 9' {name}; echo ready; while :; do sleep 0.05; done"
    with box.dev(script) as dev:
        assert first_line(dev) == b"ready\n"
        dev.send_signal(number)
        out, _ = dev.communicate(timeout=30)
    assert (out, dev.returncode) == (b"bye\n", 9)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_dev_that_dies_takes_its_command_along(
    box: Box, number: signal.Signals, tmp_path: Path
) -> None:
    ended = tmp_path / "ended"
    script = f"trap 'echo > {ended}; exit 1' INT; echo ready; while :; do sleep 0.05; done"
    with box.dev(script) as dev:
        assert first_line(dev) == b"ready\n"
        dev.send_signal(number)
        dev.communicate(timeout=30)
    assert dev.returncode == -number
    eventually(ended.exists)


def test_a_reader_that_goes_ends_the_command(box: Box, tmp_path: Path) -> None:
    """`./dev test | head -1`: dev dies of it as any command would."""
    ended = tmp_path / "ended"
    script = f"trap 'echo > {ended}; exit 1' INT; while :; do echo more; sleep 0.01; done"
    with box.dev(script) as dev:
        assert first_line(dev) == b"more\n"
        assert dev.stdout
        dev.stdout.close()
        assert dev.wait(30) == -signal.SIGPIPE
    eventually(ended.exists)


def test_a_command_that_is_lost_has_not_passed(box: Box) -> None:
    """The supervisor was killed, as by a machine that is out of memory."""
    with box.dev("kill -KILL $PPID") as dev:
        dev.communicate(timeout=30)
    assert dev.returncode == 128 + signal.SIGKILL


def test_on_a_terminal_the_command_has_one(box: Box) -> None:
    master, slave = pty.openpty()
    script = "trap 'exit 0' USR1; [ -t 1 ] && [ ! -t 2 ] && stty size <&1;"
    with box.dev(script + "while :; do sleep 0.05; done", stdout=slave) as dev:
        os.close(slave)
        shown = b""

        def has(text: bytes) -> bool:
            nonlocal shown
            if select.select([master], [], [], 0)[0]:
                shown += os.read(master, 4096)
            return text in shown

        eventually(lambda: has(b"24 80\r\n") or has(b"0 0\r\n"))
        dev.send_signal(signal.SIGUSR1)
        assert dev.wait(30) == 0
    os.close(master)
