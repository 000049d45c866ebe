"""The commands for the shared containers, as the reader of a message can give them."""

from pkg.dockertest import checkout

_MODULE = "python -m pkg.testutil.containers"


def command(word: str) -> str:
    """The command `up`, `down` or `status`."""
    return f"./dev {word}" if checkout.has_dev() else f"{_MODULE} {word}"


def prompt(service: str) -> str:
    """The command for a Python prompt on a shared server."""
    if checkout.has_dev():
        return f"./dev bazel run //pkg/testutil/containers:shell -- {service}"
    return f"{_MODULE}.shell {service}"
