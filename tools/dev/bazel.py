"""`./dev bazel`: any Bazel command."""

from collections.abc import Sequence

from tools.dev import bazel_arguments
from tools.dev.session import Session


def run(_name: str, arguments: Sequence[str]) -> int:
    """Runs Bazel; every argument and the exit status are passed on."""
    session = Session()
    directory = session.bazel_directory()
    if bazel_arguments.command(arguments) in bazel_arguments.NEED_IMAGES:
        session.ready()
    return session.run_bazel(arguments, directory)
