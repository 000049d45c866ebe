"""A leash: what a fork leaves of it, and when it tells that it is gone."""

import os
import resource
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from pkg.dockertest import DockertestError, EngineUnavailable, guard
from pkg.dockertest.endpoint import Endpoint
from pkg.dockertest.engine import Engine
from pkg.dockertest.leash import Leash
from pkg.testutil import eventually

FD_SETSIZE = 1024


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


def test_it_is_alive_beyond_the_descriptors_that_select_knows(
    silent: tuple[Engine, socket.socket],
) -> None:
    """A test process with more than 1024 open files uses its containers again, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * FD_SETSIZE:
        pytest.skip(f"this process may open {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * FD_SETSIZE), hard))
    engine, listening = silent
    with ExitStack() as stack:
        for _ in range(FD_SETSIZE):
            stack.enter_context(open(os.devnull))
        leash = Leash(engine, "x", {})
        connection, _ = listening.accept()
        assert leash.is_alive()
        connection.close()
        assert not leash.is_alive()
        leash.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_half_a_command_ends_the_hold(silent: tuple[Engine, socket.socket]) -> None:
    """What follows it would be taken for its other half; and nobody waits for ever."""
    engine, listening = silent
    leash = Leash(engine, "x", {})
    connection, _ = listening.accept()
    assert leash._connection
    leash._connection.socket.settimeout(0.1)
    with pytest.raises(EngineUnavailable, match="broke off"):
        leash.command("start 10000000", bytes(10_000_000))
    with pytest.raises(RuntimeError, match="let go"):
        leash.command("clear")
    connection.close()
