"""`./dev up`, `down` and `status`: the shared containers of this checkout."""

from collections.abc import Sequence

from pkg.testutil.containers import __main__ as containers
from tools.dev import cli
from tools.dev.session import Session


def run(name: str, arguments: Sequence[str]) -> int:
    """Does it by the module that tests use, too; what starts nothing sets nothing up."""
    cli.options(name, arguments)
    if name != "up":
        return containers.main([name])
    session = Session()
    session.ready()
    return session.run_python(["-m", "pkg.testutil.containers", name])
