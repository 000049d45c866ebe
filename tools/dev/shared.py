"""`./dev up`, `down` and `status`: the shared containers of this checkout."""

from collections.abc import Sequence

from tools.dev import cli
from tools.dev.session import Session


def run(name: str, arguments: Sequence[str]) -> int:
    """Does it by the module that tests use, too."""
    cli.options(name, arguments)
    session = Session()
    if name == "up":
        session.ready()
    return session.run_python(["-m", "pkg.testutil.containers", name])
