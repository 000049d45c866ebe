"""Closing in reverse what was opened, going on after a failure."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, Self, TypeVar

T = TypeVar("T")


class Closes(Protocol):
    """What has an end of its own: connections, clients, caches, servers in this process."""

    def close(self) -> object:
        """Ends it."""


C = TypeVar("C", bound=Closes)


class Closing:
    """Ends things, the last one first.

    The standard library's ExitStack goes on after a failure, too, but tells the last one alone.
    """

    def __init__(self) -> None:
        self._ends: list[Callable[[], object]] = []

    def on_close(self, end: Callable[[], object]) -> None:
        """Has a function called."""
        self._ends.append(end)

    def closing(self, thing: C) -> C:
        """Has a thing's `close` called, and returns the thing."""
        self.on_close(thing.close)
        return thing

    def enter(self, manager: AbstractContextManager[T]) -> T:
        """Begins a `with` block that ends when this is closed, and returns what it gives."""
        given = manager.__enter__()
        self.on_close(lambda: manager.__exit__(None, None, None))
        return given

    def close(self) -> None:
        """Ends all. Called again, it ends what has come since.

        Raises:
            Exception: what one of them has raised, after the others had their turn.
            ExceptionGroup: what several have raised.
        """
        errors: list[Exception] = []
        while self._ends:
            try:
                self._ends.pop()()
            except Exception as error:
                errors.append(error)
        if len(errors) > 1:
            raise ExceptionGroup("several things could not be closed", errors)
        if errors:
            raise errors[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
