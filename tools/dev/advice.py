"""The exact commands that bring a Docker Engine to a system."""

import grp
import os
import platform
import pwd
from pathlib import Path

OS_RELEASE = Path("/etc/os-release")

# By os-release's ID or ID_LIKE, the first that matches.
_COMMANDS = {
    "debian": (
        "sudo apt-get update",
        "sudo apt-get install -y docker.io",
        "sudo usermod -aG docker $USER   # then log in again",
    ),
    "fedora": (
        "sudo dnf install -y moby-engine",
        "sudo systemctl enable --now docker",
        "sudo usermod -aG docker $USER   # then log in again",
    ),
    "rhel": (
        "sudo dnf install -y podman podman-docker",
        "systemctl --user enable --now podman.socket",
        "export DOCKER_HOST=unix://$XDG_RUNTIME_DIR/podman/podman.sock",
    ),
    "arch": (
        "sudo pacman -S --needed docker",
        "sudo systemctl enable --now docker",
        "sudo usermod -aG docker $USER   # then log in again",
    ),
    "alpine": (
        "apk add docker",
        "rc-update add docker && service docker start",
        "addgroup $USER docker           # then log in again",
    ),
    "suse": (
        "sudo zypper install -y docker",
        "sudo systemctl enable --now docker",
        "sudo usermod -aG docker $USER   # then log in again",
    ),
}
_ALIASES = {"ubuntu": "debian", "centos": "rhel", "opensuse": "suse"}


def is_debian(os_release: Path | None = None) -> bool:
    """Whether this is Debian, Ubuntu, or derived from one of them."""
    return _family(os_release) == "debian"


def install(os_release: Path | None = None, system: str = "") -> str:
    """How to install and start a Docker Engine here: a few lines, indented.

    Args:
        os_release: the file that says what this system is; the usual one when None.
        system: as `platform.system()` says it; this one when empty.
    """
    system = system or platform.system()
    if system == "Darwin":
        return (
            "  install Docker Desktop from Docker's own site, or: brew install colima docker\n"
            "  then start it (colima start) and run this command again"
        )
    commands: tuple[str, ...] = _COMMANDS.get(_family(os_release), ())
    if not commands:
        return (
            "  install a Docker Engine (20.10 or later) with this system's package manager, start "
            "it,\n  or point DOCKER_HOST at one"
        )
    if os.getuid() == 0:
        commands = tuple(line.removeprefix("sudo ") for line in commands if "$USER" not in line)
    return "\n".join(f"  {line}" for line in commands)


def start() -> str:
    """The command that starts an engine that is installed."""
    return _service("start")


def restart() -> str:
    """The command that ends an engine and starts it anew."""
    return _service("restart")


def _service(action: str) -> str:
    if Path("/run/systemd/system").is_dir():
        return as_root(f"systemctl {action} docker")
    return as_root(f"service docker {action}")


def as_root(command: str) -> str:
    """A command that only root may use, as this user gives it."""
    return command if os.getuid() == 0 else f"sudo {command}"


def permit(socket: Path | None) -> str:
    """How this user is allowed to use an engine's socket."""
    try:
        group = grp.getgrgid(socket.stat().st_gid) if socket else None
        user = pwd.getpwuid(os.getuid()).pw_name
    except (OSError, KeyError):
        group = None
    if not group or not group.gr_gid:  # a socket of root's own group is not to be joined
        return as_root("usermod -aG docker $USER   # then log in again")
    if user in group.gr_mem:
        return f"log in again: {user} has joined the group {group.gr_name} since the last time"
    return as_root(f"usermod -aG {group.gr_name} $USER   # then log in again")


def _family(os_release: Path | None) -> str:
    try:
        text = (os_release or OS_RELEASE).read_text()
    except OSError:
        return ""
    facts = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    names = f"{facts.get('ID', '')} {facts.get('ID_LIKE', '')}".replace('"', "").split()
    for name in names:
        family = _ALIASES.get(name, name)
        if family in _COMMANDS:
            return family
    return ""
