"""The advice fits the system."""

import os
from pathlib import Path

import pytest

from tools.dev import advice

SYSTEMS = {
    "debian": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n',
    "ubuntu": 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n',
    "mint": 'ID=linuxmint\nID_LIKE="ubuntu debian"\n',
    "fedora": "ID=fedora\n",
    "rocky": 'ID="rocky"\nID_LIKE="rhel centos fedora"\n',
    "arch": "ID=arch\n",
    "manjaro": "ID=manjaro\nID_LIKE=arch\n",
    "alpine": "ID=alpine\n",
    "tumbleweed": 'ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\n',
    "other": "ID=plan9\n",
    "odd": "# no facts\n\nID\n",
}


# Both take tmp_path first: pytest itself looks who owns it.
@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 1000)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 0)


def os_release(directory: Path, name: str) -> Path:
    file = directory / name
    file.write_text(SYSTEMS[name])
    return file


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("debian", "sudo apt-get install -y docker.io"),
        ("ubuntu", "sudo apt-get install -y docker.io"),
        ("mint", "sudo apt-get install -y docker.io"),
        ("fedora", "sudo dnf install -y moby-engine"),
        ("rocky", "systemctl --user enable --now podman.socket"),
        ("arch", "sudo pacman -S --needed docker"),
        ("manjaro", "sudo pacman -S --needed docker"),
        ("alpine", "apk add docker"),
        ("tumbleweed", "sudo zypper install -y docker"),
        ("other", "install a Docker Engine (20.10 or later) with this system's package manager"),
        ("odd", "point DOCKER_HOST at one"),
    ],
)
def test_each_system_has_its_commands(tmp_path: Path, name: str, command: str) -> None:
    said = advice.install(os_release(tmp_path, name), "Linux")
    assert command in said
    assert all(line.startswith("  ") for line in said.splitlines())


@pytest.mark.usefixtures("root")
def test_root_needs_no_sudo_and_joins_no_group(tmp_path: Path) -> None:
    said = advice.install(os_release(tmp_path, "debian"), "Linux")
    assert said.splitlines() == ["  apt-get update", "  apt-get install -y docker.io"]


@pytest.mark.usefixtures("user")
def test_a_user_joins_the_group(tmp_path: Path) -> None:
    assert "usermod -aG docker $USER" in advice.install(os_release(tmp_path, "debian"), "Linux")


def test_a_system_that_does_not_say_what_it_is_gets_general_advice(tmp_path: Path) -> None:
    assert "point DOCKER_HOST at one" in advice.install(tmp_path / "missing", "Linux")


def test_macos_has_its_own_way() -> None:
    assert "colima start" in advice.install(system="Darwin")


@pytest.mark.parametrize(
    ("name", "expected"), [("debian", True), ("mint", True), ("fedora", False), ("odd", False)]
)
def test_debian_and_its_relatives_are_known(tmp_path: Path, name: str, expected: bool) -> None:
    assert advice.is_debian(os_release(tmp_path, name)) is expected


@pytest.mark.usefixtures("user")
def test_an_engine_is_started_with_sudo() -> None:
    assert advice.start() in ("sudo systemctl start docker", "sudo service docker start")


@pytest.mark.usefixtures("root")
def test_root_starts_it_without() -> None:
    assert advice.start() in ("systemctl start docker", "service docker start")


@pytest.mark.usefixtures("user")
def test_permission_comes_with_a_group() -> None:
    """Whatever the socket says: without one, docker's usual group."""
    assert advice.permit(None) == "sudo usermod -aG docker $USER   # then log in again"
