"""An engine is found, or brought, or the exact commands that bring it are said."""

import io
import os
import socket
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from pkg.dockertest import EngineUnavailable, endpoint
from tools.dev import advice, engines
from tools.dev.fake_engine import fake_engine
from tools.dev.problem import Problem
from tools.dev.progress import Progress

DEBIAN = "ID=debian\n"
NOBODY = 1000


class Host:
    """What this machine has, as far as engines looks."""

    def __init__(self, directory: Path, sockets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bin = directory / "bin"
        self.logs = directory / "logs"
        self.release = directory / "os-release"
        self.socket = sockets / "docker.sock"
        self._patch = monkeypatch
        self.bin.mkdir()
        self.system(DEBIAN)
        for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DOCKER_CONFIG", str(directory / "docker"))
        monkeypatch.setenv("PATH", str(self.bin))
        monkeypatch.setattr(engines, "_SBIN", "")
        monkeypatch.setattr(engines, "_service_commands", lambda: [])
        monkeypatch.setattr(engines, "_START_SECONDS", 5.0)
        monkeypatch.setattr(advice, "OS_RELEASE", self.release)
        monkeypatch.setattr(endpoint, "DEFAULT_HOST", f"unix://{self.socket}")

    def system(self, text: str) -> None:
        self.release.write_text(text)

    def user(self, uid: int) -> None:
        self._patch.setattr(os, "getuid", lambda: uid)

    def program(self, name: str, script: str) -> None:
        file = self.bin / name
        file.write_text(f"#!/bin/sh\nPATH={os.defpath}\n{script}\n")
        file.chmod(0o755)

    def ensure(self) -> str:
        """Ensures the engine; returns what was said."""
        said = io.StringIO()
        engines.ensure(Progress(said, live=False), self.logs)
        return said.getvalue()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """A Debian without an engine."""
    # A socket's path must be short, and a test's own directory is not.
    with tempfile.TemporaryDirectory() as sockets:
        yield Host(tmp_path, Path(sockets), monkeypatch)


@contextmanager
def running(host: Host) -> Iterator[str]:
    """An engine at the machine's default socket; yields where it is."""
    with fake_engine() as (engine, _):
        host._patch.setattr(endpoint, "DEFAULT_HOST", engine.endpoint.host)
        yield engine.endpoint.host


def test_an_engine_that_answers_is_used(host: Host) -> None:
    with running(host) as where:
        assert host.ensure() == ""
        assert engines.find().endpoint.host == where


def test_no_engine_and_not_root_has_the_commands(host: Host) -> None:
    """What would have to be typed, and no attempt."""
    host.user(NOBODY)
    host.program("apt-get", 'touch "$0.ran"')
    with pytest.raises(Problem) as caught:
        host.ensure()
    said = str(caught.value)
    assert "no Docker Engine is here" in said
    assert "No such file or directory" in said
    assert "\n  sudo apt-get install -y docker.io\n" in said
    assert not (host.bin / "apt-get.ran").exists()


def test_root_on_another_system_has_that_systems_commands(host: Host) -> None:
    """Only on Debian and its relatives is the installing ours to do."""
    host.user(0)
    host.system("ID=fedora\n")
    with pytest.raises(Problem, match="dnf install -y moby-engine"):
        host.ensure()


def test_an_installed_engine_that_is_down_has_the_command(host: Host) -> None:
    """Not root: it can only be said."""
    host.user(NOBODY)
    host.program("dockerd", 'touch "$0.ran"')
    with pytest.raises(Problem, match=r"does not run; start it with:\n  sudo .* docker"):
        host.ensure()
    assert not (host.bin / "dockerd.ran").exists()


def test_root_installs_and_starts_it(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installing brings a dockerd; the made-up one is a link to an engine that runs."""
    host.user(0)
    with fake_engine() as (engine, _):
        real = engine.endpoint.socket_path
        host.program(
            "apt-get",
            f'echo "$@" >> "{host.bin}/apt"\n'
            f"printf '#!/bin/sh\\n/bin/ln -s {real} {host.socket}\\n' > {host.bin}/dockerd\n"
            f"chmod +x {host.bin}/dockerd",
        )
        said = host.ensure()
    assert "installing the distribution's package docker.io" in said
    assert "the Docker Engine runs: no service manager runs here" in said
    assert "install -y --no-install-recommends docker.io" in (host.bin / "apt").read_text()


def test_root_starts_an_installed_one_by_the_service_manager(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.user(0)
    host.program("dockerd", 'touch "$0.ran"')
    with fake_engine() as (engine, _):
        host.program("service", f"ln -s {engine.endpoint.socket_path} {host.socket}")
        monkeypatch.setattr(engines, "_service_commands", lambda: [["service", "docker", "start"]])
        said = host.ensure()
    assert "started with: service docker start" in said
    assert not (host.bin / "dockerd.ran").exists()


def test_an_install_that_fails_shows_the_log_and_the_commands(host: Host) -> None:
    host.user(0)
    host.program("apt-get", "echo E: no such package; exit 100")
    with pytest.raises(Problem) as caught:
        host.ensure()
    said = str(caught.value)
    assert "apt-get ended with status 100" in said
    assert "  E: no such package" in said
    assert f"the whole log is {host.logs / 'apt.log'}" in said


def test_an_engine_that_ends_at_once_shows_its_log(host: Host) -> None:
    host.user(0)
    host.program("dockerd", "echo failed to mount overlay; exit 1")
    with pytest.raises(Problem) as caught:
        host.ensure()
    said = str(caught.value)
    assert "dockerd was started and ended with status 1:\n  failed to mount overlay" in said
    assert "point DOCKER_HOST at one elsewhere" in said


@pytest.fixture
def silent(host: Host, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What takes connections where an engine is looked for, and says nothing."""
    monkeypatch.setattr(engines, "_ANSWER_SECONDS", 0.1)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(host.socket))
        listening.listen()
        yield listening


def test_beside_an_engine_that_hangs_none_is_started(
    host: Host, silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second one could only fail, and not say why."""
    host.user(0)
    host.program("dockerd", 'touch "$0.ran"')
    monkeypatch.setattr(engines, "_START_SECONDS", 0.5)
    with pytest.raises(Problem) as caught:
        host.ensure()
    said = str(caught.value)
    assert f"{host.socket} takes connections, but has not answered for 0.6 s" in said
    assert "docker restart" in said or "restart docker" in said
    assert not (host.bin / "dockerd.ran").exists()


def test_an_engine_that_answers_late_is_waited_for(host: Host, silent: socket.socket) -> None:
    """A machine that stands still for some seconds has a good engine all the same."""
    answers = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    def answer() -> None:
        for late in (True, False, False):
            connection, _ = silent.accept()
            with connection:
                connection.recv(4096)
                if late:
                    connection.recv(4096)  # until it is given up
                else:
                    connection.sendall(answers)

    with ThreadPoolExecutor(1) as pool:
        answered = pool.submit(answer)
        assert "wait for the Docker Engine to answer" in host.ensure()
        answered.result()


@pytest.mark.parametrize("named", ["DOCKER_HOST", "DOCKER_CONTEXT", "current context"])
def test_an_engine_that_somebody_named_is_not_replaced(
    host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str
) -> None:
    """Whatever is missing there, another one here is not what was asked for."""
    host.user(0)
    host.program("apt-get", 'touch "$0.ran"')
    elsewhere = f"unix://{tmp_path}/elsewhere"
    if named == "DOCKER_HOST":
        monkeypatch.setenv(named, elsewhere)
    else:
        at = endpoint.Endpoint(elsewhere, "docker context mine")
        monkeypatch.setattr(endpoint, "_context", lambda _name, _environ: at)
        monkeypatch.setattr(endpoint, "_current_context", lambda _environ: "mine")
    if named == "DOCKER_CONTEXT":
        monkeypatch.setenv(named, "mine")
    with pytest.raises(EngineUnavailable, match=rf"no Docker Engine answers at {elsewhere}"):
        host.ensure()
    assert not (host.bin / "apt-get.ran").exists()


def test_a_socket_without_permission_is_not_a_missing_engine(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installing another one would not help."""
    host.user(NOBODY)

    def refuse(_self: socket.socket, _address: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(EngineUnavailable, match=r"no permission .*usermod -aG docker"):
        host.ensure()


def test_the_default_is_told_from_what_was_named(host: Host) -> None:
    assert engines.is_default(endpoint.find())
    assert not engines.is_default(endpoint.find({"DOCKER_HOST": endpoint.DEFAULT_HOST}))
