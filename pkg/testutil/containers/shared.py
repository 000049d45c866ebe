"""`containers.start(Redis())`: the same values and results as dockertest's, on shared servers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from pkg.dockertest import InvalidOption, Service, engine, image, ready
from pkg.dockertest.engine import Engine
from pkg.dockertest.starter import Starter
from pkg.testutil.containers.project import Project, Shared

R = TypeVar("R")


class Containers(Starter):
    """Gives tests the shared servers of this checkout, and starts them if they do not run.

    For now a test gets the whole server: it shares its data with every other test, so it makes
    names that nobody else makes and removes what it made.
    """

    def __init__(self, connect: Callable[[], Engine] = engine.connect) -> None:
        self._connect = connect

    def _start_all(self, services: tuple[Service[Any], ...]) -> tuple[Any, ...]:
        for service in services:
            _check_options(service)
        at = self._connect()
        running = Project(at).up(services)
        with ThreadPoolExecutor(len(services)) as pool:
            return tuple(pool.map(lambda service: _ready(at, service, running), services))


def _ready(at: Engine, service: Service[R], running: dict[str, Shared]) -> R:
    shared = running[service.service]
    return ready.wait(service, shared.running(at), service.start_seconds)


def _check_options(service: Service[Any]) -> None:
    kind = type(service).__name__
    if service.service not in image.pins():
        raise InvalidOption(
            f"containers.start({kind}(…)): no server of that kind is shared; take one of your "
            f"own: dockertest.start({kind}(…))"
        )
    if service.membership:
        raise InvalidOption(
            f"containers.start({kind}().on(…)): a shared server joins no network of a test's; "
            f"take one of your own: dockertest.start({kind}().on(…))"
        )
    if service.is_proxied:
        raise InvalidOption(
            f"containers.start({kind}().proxied()): faults of the network are put on servers of "
            f"one's own; take one: dockertest.start({kind}().proxied())"
        )
    default = type(service)()
    for option in service.server_options:
        value = getattr(service, option)
        if value != getattr(default, option):
            raise InvalidOption(
                f"containers.start({kind}({option}={value!r})): {option} is the whole server's, "
                f"and the server is shared; take one of your own: "
                f"dockertest.start({kind}({option}={value!r}))"
            )
