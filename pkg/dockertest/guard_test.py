"""The guard removes what an interrupted start leaves, on an engine that is slow or away."""

import array
import fcntl
import os
import shutil
import socketserver
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from pkg.dockertest import guard
from pkg.testutil import eventually

CUT = 0  # in place of an HTTP status: no answer


class Asked(socketserver.ThreadingUnixStreamServer):
    """An engine that answers each DELETE by what is written down for the container.

    Attributes:
        answers: by the container's name, statuses; the last one counts from then on.
        removed: containers that were removed.
        asked: those that it was asked to remove.
    """

    daemon_threads = True

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), _Handler)
        self.answers: dict[str, list[int]] = {}
        self.removed: set[str] = set()
        self.asked: set[str] = set()


class _Handler(socketserver.StreamRequestHandler):
    server: Asked

    def handle(self) -> None:
        path = self.rfile.readline().split()[1].decode()
        name = path.partition("?")[0].rpartition("/")[2]
        self.server.asked.add(name)
        statuses = self.server.answers[name]
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        if status == CUT:
            return
        while self.rfile.readline().strip():
            pass
        if status == 204:
            self.server.removed.add(name)
        self.wfile.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)


@pytest.fixture
def engine() -> Iterator[Asked]:
    with tempfile.TemporaryDirectory() as directory, Asked(Path(directory) / "socket") as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def process(engine: Asked) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(Path(guard.__file__).with_name("guard_process.py"))],
        stdin=subprocess.PIPE,
        env={**os.environ, "DOCKER_HOST": f"unix://{engine.server_address!s}"},
    ) as made:
        yield made
        made.kill()


def end(process: "subprocess.Popen[bytes]", commands: bytes) -> None:
    process.communicate(commands, timeout=10)
    assert process.returncode == 0


def test_what_was_about_to_start_goes_with_its_holder(
    engine: Asked, process: "subprocess.Popen[bytes]"
) -> None:
    """What runs by then ends itself."""
    engine.answers = {"a": [404, 204], "b": [204]}
    end(process, b"+a\n+b\n-b\n")
    assert engine.removed == {"a"}


def test_an_engine_that_breaks_off_is_asked_again(
    engine: Asked, process: "subprocess.Popen[bytes]"
) -> None:
    """Once, or for as long as its restart takes."""
    engine.answers = {"a": [CUT, CUT, 500, 204]}
    end(process, b"+a\n")
    assert engine.removed == {"a"}


def test_a_network_goes_when_nothing_is_on_it_any_more(
    engine: Asked, process: "subprocess.Popen[bytes]"
) -> None:
    """With its holder, or when it says so; containers that are on it end meanwhile."""
    engine.answers = {"a": [403, 409, 204], "b": [403, 204], "c": [204]}
    end(process, b"+network/a\n+network/b\n!network/b\n+network/c\n-network/c\n")
    assert engine.removed == {"a", "b"}


def test_interrupted_starts_do_not_wait_for_one_another(
    engine: Asked, process: "subprocess.Popen[bytes]"
) -> None:
    """The first of them was never made; that is not known before some time has passed."""
    engine.answers = {"a": [*[404] * 8, 409], "b": [204]}
    end(process, b"+a\n!a\n+b\n!b\n")
    assert engine.removed == {"b"}
    assert engine.answers["a"] == [409]


def test_it_needs_none_of_its_files_at_its_holders_end(engine: Asked, tmp_path: Path) -> None:
    """With a test that ends, Bazel removes the sandbox that they are in."""
    package = tmp_path / "pkg" / "dockertest"
    shutil.copytree(Path(guard.__file__).parent, package, ignore=shutil.ignore_patterns("recipes"))
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(package / "guard_process.py")],
        stdin=subprocess.PIPE,
        env={**os.environ, "DOCKER_HOST": f"unix://{engine.server_address!s}"},
    ) as process:
        assert process.stdin
        engine.answers = {"a": [404, 204]}
        process.stdin.write(b"+a\n")
        process.stdin.flush()
        eventually(lambda: is_read(process.stdin))
        shutil.rmtree(tmp_path / "pkg")
        end(process, b"")
    assert engine.removed == {"a"}


# Its main thread is leaving while another one is in the middle of a start.
LEAVES = """
import sys, threading
from pkg.dockertest import guard

begun = threading.Event()

def is_leaving():
    frame = sys._current_frames()[threading.main_thread().ident]
    while frame and frame.f_code is not guard._end.__code__:
        frame = frame.f_back
    return frame is not None

def start():
    with guard.watching("a"):
        begun.set()
        while not is_leaving():
            threading.Event().wait(0.01)

threading.Thread(target=start, daemon=True).start()
begun.wait()
"""


def test_at_its_end_a_process_lets_a_start_come_to_its_own(engine: Asked) -> None:
    """Cut off in the middle, the guard would have looked for what has gone by itself."""
    engine.answers = {"a": [404]}
    environment = {
        **os.environ,
        "DOCKER_HOST": f"unix://{engine.server_address!s}",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    ended = subprocess.run([sys.executable, "-c", LEAVES], env=environment, timeout=60)
    assert ended.returncode == 0
    assert engine.asked == set()


def is_read(pipe: IO[bytes] | None) -> bool:
    """Whether the process at its other end has read all that was written."""
    assert pipe
    left = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, left)
    return left[0] == 0
