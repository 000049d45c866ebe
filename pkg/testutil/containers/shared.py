"""`containers.start(Redis())`: the same values and results as dockertest's, on shared servers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, overload

from pkg.dockertest import InvalidOption, Service, engine, ready
from pkg.dockertest.engine import Engine
from pkg.dockertest.service import checked
from pkg.testutil.containers.project import Project, Shared

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")


class Containers:
    """Gives tests the shared servers of this checkout, and starts them if they do not run.

    For now a test gets the whole server: it shares its data with every other test, so it makes
    names that nobody else makes and removes what it made.
    """

    def __init__(self, connect: Callable[[], Engine] = engine.connect) -> None:
        self._connect = connect

    @overload
    def start(self, a: Service[A], /) -> A: ...
    @overload
    def start(self, a: Service[A], b: Service[B], /) -> tuple[A, B]: ...
    @overload
    def start(self, a: Service[A], b: Service[B], c: Service[C], /) -> tuple[A, B, C]: ...
    @overload
    def start(
        self, a: Service[A], b: Service[B], c: Service[C], d: Service[D], /
    ) -> tuple[A, B, C, D]: ...
    @overload
    def start(
        self, a: Service[A], b: Service[B], c: Service[C], d: Service[D], e: Service[E], /
    ) -> tuple[A, B, C, D, E]: ...

    def start(self, *services: Service[Any]) -> Any:
        """Returns the services' results once a client operation has succeeded on each.

        Raises:
            EngineUnavailable: no Docker Engine answers.
            ImageUnavailable: an image is not here.
            ComposeFailed: docker compose is not there, or failed.
            InvalidOption: an option can only be had on a server of one's own.
        """
        checked(services)
        for service in services:
            _check_options(service)
        at = self._connect()
        running = Project(at).up(services)
        if len(services) == 1:
            return _ready(at, services[0], running)
        with ThreadPoolExecutor(len(services)) as pool:
            return tuple(pool.map(lambda service: _ready(at, service, running), services))


def _ready(at: Engine, service: Service[A], running: dict[str, Shared]) -> A:
    shared = running[service.service]
    return ready.wait(service, shared.running(at), service.start_seconds)


def _check_options(service: Service[Any]) -> None:
    default = type(service)()
    for option in service.server_options:
        value = getattr(service, option)
        if value != getattr(default, option):
            kind = type(service).__name__
            raise InvalidOption(
                f"containers.start({kind}({option}={value!r})): {option} is the whole server's, "
                f"and the server is shared; take one of your own: "
                f"dockertest.start({kind}({option}={value!r}))"
            )
