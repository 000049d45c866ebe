"""`./dev up`, `./dev down`, `./dev status`: the shared containers by hand."""

import sys
from typing import Any

from pkg.dockertest import DockertestError, Service, catalog, engine
from pkg.testutil.containers import by_hand
from pkg.testutil.containers.project import Project, Shared

_USAGE = "usage: python3 -m pkg.testutil.containers up|down|status"


def services() -> list[Service[Any]]:
    """A value of every service that has a pin, with its default options."""
    return [catalog.service_class(name)() for name in catalog.names()]


def describe(shared: Shared) -> str:
    """A shared container in lines: where it is, and how to speak to its server."""
    ports = " ".join(f"127.0.0.1:{port}" for port in shared.ports.values())
    prompt = by_hand.prompt(shared.service)
    return f"{shared.service}: {ports}  {shared.image}  {shared.name}\n  {prompt}"


def main(arguments: list[str]) -> int:
    """Obeys one command; returns the exit status."""
    if len(arguments) != 1 or arguments[0] not in ("up", "down", "status"):
        print(_USAGE, file=sys.stderr)
        return 2
    try:
        project = Project(engine.connect())
        if arguments[0] == "up":
            project.up(services())
        if arguments[0] == "down":
            project.down()
            return 0
        running = project.running()
    except DockertestError as error:
        print(error, file=sys.stderr)
        return 1
    for shared in running.values():
        print(describe(shared))
    if not running:
        print(f"no shared container runs; start them with: {by_hand.command('up')}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
