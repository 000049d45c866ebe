"""`./dev test`: bazel test, of all below the caller's folder unless the arguments name targets."""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.dev import bazel_arguments, selected
from tools.dev.session import Session


def run(_name: str, arguments: Sequence[str]) -> int:
    """Runs the tests; the exit status is Bazel's, also where its filter selects no test at all."""
    session = Session()
    directory = session.bazel_directory()
    session.ready()
    words = bazel_arguments.with_targets(arguments, directory, session.checkout.root)
    only = bazel_arguments.value(words, "--test_filter")
    if not only:
        return session.run_bazel(["test", *words], directory)
    session.checkout.cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=session.checkout.cache, prefix="events-") as folder:
        events = Path(folder) / "events.json"
        words.insert(0, f"--build_event_json_file={events}")
        status = session.run_bazel(["test", *words], directory, then=True)
        if status or not selected.nothing(events):
            return status
    print(
        f"dev: no test matches --test_filter={only}; to list the tests, put "
        "--test_arg=--collect-only --test_output=all in its place",
        file=sys.stderr,
    )
    return selected.NO_TESTS
