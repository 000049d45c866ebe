"""`./dev setup`: everything that needs the network, once."""

import time
from collections.abc import Sequence

from tools.dev import bazelrc, cli
from tools.dev.session import Session

_FETCH = ("build", "--nobuild", "//...")


def run(name: str, arguments: Sequence[str]) -> int:
    """Makes the engine, Bazel, the images and Bazel's own downloads ready."""
    again = "--again" in cli.options(name, arguments, "--again")
    started = time.monotonic()
    session = Session(again)
    session.ready()
    session.progress.say("fetching what Bazel needs: bazel " + " ".join(_FETCH))
    status = session.run_bazel(_FETCH, session.checkout.root, then=True)
    if status == 0:
        bazel = "the toolbox's" if session.bazel is bazelrc.Bazel.TOOLBOX else "your own"
        print(f"ready after {time.monotonic() - started:.0f} s; Bazel: {bazel}; next: ./dev test")
    return status
