"""What a fork leaves of a leash."""

import os
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pkg.dockertest import DockertestError, guard
from pkg.dockertest.endpoint import Endpoint
from pkg.dockertest.engine import Engine
from pkg.dockertest.leash import Leash
from pkg.testutil import eventually


@pytest.fixture
def silent() -> Iterator[tuple[Engine, socket.socket]]:
    """An engine that answers nothing, and where it listens."""
    with tempfile.TemporaryDirectory() as directory, socket.socket(socket.AF_UNIX) as listening:
        path = Path(directory) / "silent"
        listening.bind(str(path))
        listening.listen()
        yield Engine(Endpoint(f"unix://{path}", "this test")), listening


def test_a_fork_does_not_wait_for_a_start_in_another_thread(
    silent: tuple[Engine, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """That thread is not in the child, and so never lets go of what it has locked."""
    engine, listening = silent
    monkeypatch.setattr(guard, "_tell", lambda _line: None)

    def start() -> None:
        with suppress(DockertestError):
            Leash(engine, "x", {}).start()

    starting = threading.Thread(target=start)
    starting.start()
    connection, _ = listening.accept()
    connection.recv(65536)
    starting.join(0.1)  # it reads the answer by now
    child = os.fork()
    if child == 0:
        os._exit(0)
    try:
        eventually(lambda: os.waitpid(child, os.WNOHANG)[0] == child)
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        connection.close()
        starting.join()
