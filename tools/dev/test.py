"""`./dev test`: bazel test, of all below the caller's folder unless the arguments name targets."""

from collections.abc import Sequence

from tools.dev import bazel_arguments
from tools.dev.session import Session


def run(_name: str, arguments: Sequence[str]) -> int:
    """Runs the tests; the exit status is Bazel's."""
    session = Session()
    directory = session.bazel_directory()
    session.ready()
    words = bazel_arguments.with_targets(arguments, directory, session.checkout.root)
    return session.run_bazel(["test", *words], directory)
