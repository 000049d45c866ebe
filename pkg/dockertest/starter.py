"""What starts services, typed: the `start` of a scope and of the shared containers."""

import reprlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self, TypeVar, overload

from pkg.dockertest.errors import WrongArgument
from pkg.dockertest.service import Service

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")


class Starter(ABC):
    """Gives a service's result for each service's value."""

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
        """Starts the services side by side and returns their results when all are ready.

        One service gives its result, several a tuple in their order.

        Raises:
            WrongArgument: there are none, or one is not a service's value.
            EngineUnavailable: no Docker Engine answers.
            ImageUnavailable: an image is not here.
            SchemaFailed: a schema or seed data could not be put into a server.
            ServerDied: a server ended while starting.
            NotReady: a server took too long.
            InvalidOption: shared containers: it can only be had on a server of one's own.
            ComposeFailed: shared containers: docker compose is not there, or failed.
        """
        check(services)
        results = self._start_all(services)
        return results[0] if len(results) == 1 else results

    @abstractmethod
    def close(self) -> None:
        """Ends what was started. A `with` statement does so at its end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @abstractmethod
    def _start_all(self, services: tuple[Service[Any], ...]) -> tuple[Any, ...]:
        """The results of one or more services, in their order."""


def check(services: tuple[object, ...], where: str = "start") -> None:
    """Checks that they are services' values.

    Raises:
        WrongArgument: one is not, or there are none; the message begins with where they were given.
    """
    if not services:
        raise WrongArgument(f"{where}() needs at least one service, such as Redis()")
    for one in services:
        if isinstance(one, type) and issubclass(one, Service):
            name = one.__name__
            raise WrongArgument(
                f"{where}({name}): a class needs its parentheses: {where}({name}())"
            )
        if isinstance(one, Iterable) and not isinstance(one, str):
            raise WrongArgument(
                f"{where}({reprlib.repr(one)}): services are given one by one: those of a list by "
                f"an asterisk, {where}(*services)"
            )
        if not isinstance(one, Service):
            raise WrongArgument(
                f"{where}() takes services such as Redis(), and not {reprlib.repr(one)}"
            )
