"""`./dev vault`, `./dev api`: a service of this repository on the shared containers, by hand."""

from collections.abc import Sequence

from tools.dev import cli
from tools.dev.session import Session

# What each is run by, and the shared services that it needs.
_PROGRAMS = {
    "api": (
        "//services/api/testutil:local",
        ["clickhouse", "kafka", "mysql", "redis", "s3"],
    ),
    "vault": ("//services/vault/testutil:local", ["s3"]),
}
_OPTIONS = ("--ui_event_filters=-info,-debug", "--noshow_progress")


def run(name: str, arguments: Sequence[str]) -> int:
    """Runs it until it is interrupted; the exit status is its own."""
    cli.options(name, arguments)
    target, services = _PROGRAMS[name]
    session = Session()
    session.ready(services)
    return session.run_bazel(["run", *_OPTIONS, target], session.checkout.root)
