"""`./dev up`, `./dev down`, `./dev status`: the shared containers by hand."""

import sys
from typing import Any

from pkg.dockertest import DockertestError, Service, catalog, engine
from pkg.testutil.containers import by_hand
from pkg.testutil.containers.project import Project, Shared
from pkg.testutil.containers.turns import Turn, TurnTimeout

_MOMENT_SECONDS = 1.0  # for which a server may be had by who makes tenants ahead
_USAGE = "usage: python3 -m pkg.testutil.containers up|down|status"


def services() -> list[Service[Any]]:
    """A value of every service that has a pin, with its default options."""
    return [catalog.service_class(name)() for name in catalog.names()]


def describe(shared: Shared) -> str:
    """A shared container in lines: where it is, and how to speak to its server."""
    ports = " ".join(f"127.0.0.1:{port}->{inside}" for inside, port in sorted(shared.ports.items()))
    prompt = by_hand.prompt(shared.service)
    return f"{shared.service}: {ports}  {shared.image}  {shared.name}\n  {prompt}"


def _down(project: Project, running: list[str]) -> int:
    used = [name for name in running if _is_used(name)]
    if used:
        print(
            f"nothing was ended: {', '.join(used)}: used by a test, ./dev vault or ./dev api; end "
            f"those first, then: {by_hand.command('down')}",
            file=sys.stderr,
        )
        return 1
    project.down()
    print(f"ended: {', '.join(running)}" if running else "no shared container runs")
    return 0


def _is_used(service: str) -> bool:
    try:
        Turn(service, whole=True, seconds=_MOMENT_SECONDS).end()
    except TurnTimeout:
        return True
    return False


def main(arguments: list[str]) -> int:
    """Obeys one command; returns the exit status."""
    if len(arguments) != 1 or arguments[0] not in ("up", "down", "status"):
        print(_USAGE, file=sys.stderr)
        return 2
    try:
        project = Project(engine.connect())
        if arguments[0] == "up":
            project.up(services())
        running = project.running()
        if arguments[0] == "down":
            return _down(project, sorted(running))
    except DockertestError as error:
        print(error, file=sys.stderr)
        return 1
    for _, shared in sorted(running.items()):
        print(describe(shared))
    if not running:
        print(f"no shared container runs; start them with: {by_hand.command('up')}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
