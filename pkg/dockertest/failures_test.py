"""What goes wrong with the engine, or is mistaken for it, is said by name, with the next step."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pkg import dockertest
from pkg.dockertest import EngineError, EngineUnavailable, Scope
from pkg.dockertest.endpoint import Endpoint
from pkg.dockertest.engine import Engine
from pkg.dockertest.redis import Redis

NOBODY = 65534


def engine_at(path: Path) -> Callable[[], Engine]:
    return lambda: Engine(Endpoint(f"unix://{path}", "this test"))


@pytest.fixture
def directory() -> Iterator[Path]:
    """A directory that every user may look into, with a path short enough for a socket."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


def test_no_engine_is_named_with_its_address(directory: Path) -> None:
    """Nothing listens there: the socket file is missing."""
    with (
        Scope(engine_at(directory / "none")) as scope,
        pytest.raises(EngineUnavailable, match=r"/none \(this test\): No such file.*dev doctor"),
    ):
        scope.start(Redis())


def test_a_stopped_engine_is_named_with_its_address(directory: Path) -> None:
    """Nothing listens there: the socket file is left over."""
    path = directory / "stopped"
    socket.socket(socket.AF_UNIX).bind(str(path))
    with (
        Scope(engine_at(path)) as scope,
        pytest.raises(EngineUnavailable, match=r"/stopped .*refused.*dev doctor"),
    ):
        scope.start(Redis())


def test_a_socket_without_permission_is_named_with_the_way_to_get_it(directory: Path) -> None:
    """A user outside the socket's group."""
    path = directory / "closed"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        path.chmod(0o600)
        code = (
            "import os, sys\n"
            "from pkg.dockertest.endpoint import Endpoint\n"
            f"if os.getuid() == 0: os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
            f"else: os.chmod({str(path)!r}, 0)\n"
            f"try: Endpoint('unix://{path}', 'this test').open(1.0)\n"
            "except Exception as error: print(type(error).__name__, error)\n"
        )
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        said = subprocess.run(
            [sys.executable, "-c", code], env=environ, capture_output=True, text=True
        )
    assert said.stdout.startswith("EngineUnavailable no permission to use the Docker Engine")
    assert "usermod -aG docker" in said.stdout


def test_an_answer_that_is_not_json_is_named(directory: Path) -> None:
    """Something else listens there, or stands in between."""
    path = directory / "other"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def answer() -> None:
            connection, _ = listening.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
            connection.close()

        other = threading.Thread(target=answer)
        other.start()
        with pytest.raises(EngineError, match=r"/other answered GET /version with .*b'hello'"):
            engine_at(path)().request("GET", "/version")
        other.join()


def test_an_engine_that_breaks_off_is_named(directory: Path) -> None:
    """It closes the connection without an answer, as a dying engine does."""
    path = directory / "dying"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def break_off() -> None:
            connection, _ = listening.accept()
            connection.recv(1)
            connection.close()

        dying = threading.Thread(target=break_off)
        dying.start()
        with pytest.raises(EngineUnavailable, match=r"/dying broke off: .*dev doctor"):
            engine_at(path)().request("GET", "/version")
        dying.join()


def test_the_package_is_told_from_the_fixture() -> None:
    """Both are called dockertest, and only one of them starts servers."""
    with pytest.raises(AttributeError, match=r"the fixture's: .*\(dockertest: Scope\)"):
        dockertest.start(Redis())  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="has no attribute 'stop'"):
        dockertest.stop()  # type: ignore[attr-defined]
