"""Which checkout this code belongs to, and what is labelled with it. Standard library only."""

import hashlib
import os
import socket
from pathlib import Path

IDENTITY_CHARACTERS = 12


def root() -> Path:
    """The checkout's directory: the real one, also when seen through Bazel's links."""
    return Path(__file__).resolve().parents[2]


def has_dev() -> bool:
    """Whether `./dev` is there: not where pip has installed Berth."""
    return (root() / "dev").is_file()


def doctor() -> str:
    """The command that shows whether the engine can be used."""
    return "./dev doctor" if has_dev() else "docker info"


def install(extra: str) -> str:
    """The command that installs an extra. Berth is in no index: the name alone is a stranger's."""
    return f"pip install '{root() if has_dev() else '/path/to/berth'}[{extra}]'"


def identity() -> str:
    """A short hash of the checkout's path, for names and labels."""
    return hashlib.sha256(str(root()).encode()).hexdigest()[:IDENTITY_CHARACTERS]


def owner() -> str:
    """This process, for the label `berth.owner`: its host and its pid."""
    return f"{socket.gethostname()}:{os.getpid()}"


def labels(kind: str, role: str) -> dict[str, str]:
    """The labels of a container or network that this process makes."""
    return {
        "berth": kind,
        "berth.role": role,
        "berth.checkout": identity(),
        "berth.owner": owner(),
    }
