"""What runs in the toolbox hears its dev, and does not outlive it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pkg.testutil import eventually
from tools.dev import inside

SUPERVISOR = Path(inside.__file__).resolve()
# The same program with less patience.
IMPATIENT = (
    "import signal, sys; from tools.dev import inside\n"
    "inside.ENDING = ((signal.SIGINT, 0.2), (signal.SIGTERM, 0.2))\n"
    "sys.exit(inside.main())"
)
STUBBORN = "trap '' INT TERM; echo ready; while :; do sleep 0.05; done"


class Dev:
    """dev's end of the control channel."""

    def __init__(self, program: list[str]) -> None:
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        self.process = subprocess.Popen(
            [sys.executable, *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
        )

    def order(self, *command: str, **order: Any) -> None:
        """Orders a command; further words are its order's."""
        whole = {
            "command": command,
            "directory": "/",
            "environ": {"PATH": os.defpath},
            "terminals": [],
            "size": [24, 80],
            "input": False,
            **order,
        }
        self.send(json.dumps(whole).encode() + b"\n")

    def shell(self, script: str, **order: Any) -> None:
        self.order("sh", "-c", script, **order)

    def send(self, data: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def hang_up(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().decode().rstrip("\n")

    def end(self) -> tuple[int, str, str]:
        """Waits until it has ended by itself; its status and the rest of its output."""
        assert self.process.stdout
        assert self.process.stderr
        out, err = self.process.stdout.read().decode(), self.process.stderr.read().decode()
        return self.process.wait(30), out, err


@pytest.fixture
def dev() -> Iterator[Dev]:
    one = Dev(["-I", "-S", str(SUPERVISOR)])
    yield one
    close(one)


@pytest.fixture
def impatient() -> Iterator[Dev]:
    one = Dev(["-c", IMPATIENT])
    yield one
    close(one)


def close(one: Dev) -> None:
    one.process.kill()
    one.process.wait()
    for stream in (one.process.stdin, one.process.stdout, one.process.stderr):
        assert stream
        stream.close()


@pytest.mark.parametrize("status", [0, 1, 3, 255])
def test_the_exit_status_is_the_commands(dev: Dev, status: int) -> None:
    dev.shell(f"exit {status}")
    assert dev.end()[0] == status


def test_a_command_that_a_signal_ended_has_the_shells_status(dev: Dev) -> None:
    dev.shell("kill -TERM $$")
    assert dev.end()[0] == 128 + signal.SIGTERM


def test_a_command_that_is_not_there_is_named(dev: Dev) -> None:
    dev.order("no-such-program")
    status, _, err = dev.end()
    assert status == 127
    assert "dev: no-such-program does not run in the toolbox: " in err


def test_output_goes_where_it_belongs(dev: Dev) -> None:
    dev.shell("echo out; echo err >&2; pwd; echo $A", directory="/usr", environ={"A": "b"})
    assert dev.end() == (0, "out\n/usr\nb\n", "err\n")


def test_output_comes_as_it_is_written(dev: Dev) -> None:
    dev.shell("echo first; exec sleep 600")
    assert dev.line() == "first"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGUSR1])
def test_signals_are_passed_on(dev: Dev, number: signal.Signals) -> None:
    name = number.name.removeprefix("SIG")
    dev.shell(f"trap 'echo got {name}; exit 5' {name}; echo ready; while :; do sleep 0.05; done")
    assert dev.line() == "ready"
    dev.send(b"signal %d\n" % number)
    status, out, _ = dev.end()
    assert (status, out) == (5, f"got {name}\n")


def test_a_signal_reaches_what_the_command_has_started(dev: Dev) -> None:
    """Its whole process group, as from a terminal."""
    dev.shell("sh -c \"trap 'echo child; exit' INT; echo ready; while :; do sleep 0.05; done\"; :")
    assert dev.line() == "ready"
    dev.send(b"signal 2\n")
    assert dev.line() == "child"


def test_the_end_of_the_channel_interrupts_the_command(dev: Dev) -> None:
    """dev was killed: the command may still clean up."""
    dev.shell("trap 'echo cleaned up; exit 8' INT; echo ready; while :; do sleep 0.05; done")
    assert dev.line() == "ready"
    dev.hang_up()
    status, out, _ = dev.end()
    assert (status, out) == (8, "cleaned up\n")


def test_a_command_that_ignores_the_interrupt_is_terminated(impatient: Dev) -> None:
    impatient.shell(
        "trap '' INT; trap 'echo term; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
    )
    assert impatient.line() == "ready"
    impatient.hang_up()
    status, out, _ = impatient.end()
    assert (status, out) == (9, "term\n")


def test_a_command_that_ignores_everything_is_killed(impatient: Dev) -> None:
    impatient.shell(STUBBORN)
    assert impatient.line() == "ready"
    impatient.hang_up()
    assert impatient.end()[0] == 128 + signal.SIGKILL


def test_the_channel_may_end_before_an_order(dev: Dev) -> None:
    """dev was killed between its two requests."""
    dev.send(b'{"command": ["')
    dev.hang_up()
    assert dev.end() == (0, "", "")


def test_a_command_has_no_input_unless_it_is_given(dev: Dev) -> None:
    dev.shell("cat; echo ended")
    assert dev.end()[1] == "ended\n"


def test_input_arrives_and_ends(dev: Dev) -> None:
    dev.order("cat", input=True)
    dev.send(b"input 6\none\ntw")
    dev.send(b"input 2\no\ninput 0\n")
    assert dev.end()[1] == "one\ntwo\n"


def test_input_that_looks_like_a_control_line_is_input(dev: Dev) -> None:
    dev.order("cat", input=True)
    text = b"signal 9\ninput 0\n"
    dev.send(b"input %d\n%sinput 0\n" % (len(text), text))
    assert dev.end()[1].encode() == text


def test_input_that_nobody_reads_blocks_nothing(dev: Dev) -> None:
    """A signal behind a megabyte still arrives."""
    dev.shell("trap 'exit 4' INT; echo ready; while :; do sleep 0.05; done", input=True)
    assert dev.line() == "ready"
    dev.send(b"input %d\n%s" % (1 << 20, b"x" * (1 << 20)))
    dev.send(b"signal 2\n")
    assert dev.end()[0] == 4


def test_all_output_is_there_before_the_end(dev: Dev) -> None:
    dev.shell("i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done", terminals=[1])
    _, out, _ = dev.end()
    assert out.splitlines() == [f"line {number}" for number in range(2000)]


@pytest.mark.parametrize(
    ("terminals", "expected"),
    [([], "no no"), ([1], "tty no"), ([2], "no tty"), ([1, 2], "tty tty")],
)
def test_a_terminal_is_one_where_the_user_has_one(
    dev: Dev, terminals: list[int], expected: str
) -> None:
    """And only there: `./dev test > log` has no colours in its log."""
    script = "a=no; b=no; [ -t 1 ] && a=tty; [ -t 2 ] && b=tty; echo $a $b"
    dev.shell(script, terminals=terminals)
    assert dev.end()[1] == expected + "\n"


def test_a_terminal_has_the_users_size_and_follows_it(dev: Dev) -> None:
    script = (
        "import os, signal\n"
        # Not print(): the signal may come while it still writes.
        "size = lambda *_: os.write(1, b'%d %d\\n' % os.get_terminal_size(1))\n"
        "signal.signal(signal.SIGUSR1, size); size(); signal.pause()"
    )
    dev.order(sys.executable, "-c", script, terminals=[1], size=[30, 101])
    assert dev.line() == "101 30"
    dev.send(b"size 40 120\nsignal %d\n" % signal.SIGUSR1)
    assert dev.line() == "120 40"


def test_the_last_words_on_a_terminal_are_shown(dev: Dev) -> None:
    """Also what is written in the moment before the command ends."""
    dev.order(sys.executable, "-c", "import os; os.write(1, b'last'); os._exit(0)", terminals=[1])
    assert dev.end() == (0, "last", "")


def test_a_terminal_changes_nothing_in_what_is_written(dev: Dev) -> None:
    """The user's own terminal makes \\r\\n of \\n, and echoes."""
    dev.order("cat", terminals=[1], input=True)
    dev.send(b"input 4\none\n")
    assert dev.line() == "one"
    dev.send(b"input 0\n")
    assert dev.end() == (0, "", "")


def test_what_a_command_leaves_running_does_not_keep_dev_waiting(dev: Dev, tmp_path: Path) -> None:
    """Bazel's server stays."""
    pid = tmp_path / "pid"
    dev.shell(f"setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $! > {pid}", terminals=[1, 2])
    assert dev.end()[0] == 0
    eventually(lambda: pid.read_text() != "")
    os.kill(int(pid.read_text()), signal.SIGKILL)
