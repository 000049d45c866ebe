"""Everything that a test of a service needs, wired. See `docs/testing/harness.md`."""

import inspect
import logging
from collections.abc import Callable, Iterator
from typing import Any, Generic, Literal, Self, TypeAlias, TypeVar, overload

import pytest

from pkg.clock import FakeClock
from pkg.dockertest import Service
from pkg.dockertest.coming import starts
from pkg.dockertest.starter import Starter
from pkg.logs import Log
from pkg.logs.testing import Lines, captured
from pkg.testutil.closing import Closing
from pkg.testutil.telling import Telling

R = TypeVar("R")
H = TypeVar("H", bound="Harness")

_TOLD_LINES = 40

Lifetime: TypeAlias = Literal["function", "module", "session"]


class needs(Generic[R]):
    """Declares a server of a harness: `mysql = needs(MySQL())`.

    On the class it is the declaration, on a harness the server. It is named as it reads there.

    Attributes:
        service: what is started.
    """

    def __init__(self, service: Service[R]) -> None:
        self.service = service
        self._name = ""

    def __set_name__(self, owner: type["Harness"], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, harness: None, owner: type["Harness"]) -> "needs[R]": ...
    @overload
    def __get__(self, harness: "Harness", owner: type["Harness"]) -> R: ...
    def __get__(self, harness: "Harness | None", owner: type["Harness"]) -> "needs[R] | R":
        if harness is None:
            return self
        server: R = harness.servers_by_name[self._name]
        return server


class Harness(Closing, Telling):
    """Servers that are ready, a clock that stands still, and what a test opens on both.

    A service derives its own, declares its servers with `needs`, and puts the rest together in
    `open`, where all of them are there:

        class ShopHarness(Harness):
            mysql = needs(MySQL(schema=SCHEMA))
            redis = needs(Redis())

            def open(self) -> None:
                self.cart = Cart(self.closing(self.redis.client()), prefix=self.redis.name(""))

    All is closed in reverse, going on after a failure; so is what was opened when `open` fails.

    Attributes:
        clock: stands still until the test moves it.
        logs: what was logged, by `pkg` and `services` down to debug, by others down to info; the
            last lines are in the report of a test that fails.
        logger: for code that takes one.
        servers_by_name: what was started, by the attribute that declares it.

    Args:
        servers: where its servers come from: a `Scope` of fresh ones, or `Containers`, the shared
            ones' tenants; None where it declares none.
        clock: the test's, if it has one already.

    Raises:
        TypeError: it declares servers and was given nothing to start them with.
        Exception: what starting a server, or `open`, has raised.
    """

    instead_of = "Captured log"  # pytest's, of the setup and of the call, without fields

    def __init__(self, servers: Starter | None = None, clock: FakeClock | None = None) -> None:
        super().__init__()
        self.clock = clock or FakeClock()
        self.servers_by_name = self._started(servers)
        self.logs: Lines = self.enter(captured(libraries=logging.INFO))
        self.logger = Log(type(self).__module__)
        try:
            self.open()
        except BaseException as error:
            self._close_after(error)
            raise

    def open(self) -> None:
        """Opens what the test needs beside its servers; a service's own harness has its own."""

    def sections(self) -> list[tuple[str, str]]:
        """The last lines that were logged, for the report of a test that fails."""
        lines = self.logs.text.splitlines()
        if not lines:
            return []
        cut = f", the last {_TOLD_LINES} of {len(lines)} lines" if len(lines) > _TOLD_LINES else ""
        return [(f"log of {type(self).__name__}{cut}", "\n".join(lines[-_TOLD_LINES:]))]

    @classmethod
    def declared(cls) -> dict[str, Service[Any]]:
        """The servers that it needs, by attribute; a subclass may declare one anew."""
        found: dict[str, Any] = {}
        for owner in reversed(cls.__mro__):
            for name, value in vars(owner).items():
                if isinstance(value, needs):
                    found[name] = value.service
        return found

    @classmethod
    def fixture(cls, lifetime: Lifetime = "function") -> Callable[..., Iterator[Self]]:
        """A pytest fixture that gives a harness: `h = ShopHarness.fixture()`, in a conftest.py.

        The target's macro decides where its servers come from: dynamic_container_test gives fresh
        ones, which are asked for ahead, and shared_container_test tenants.

        Args:
            lifetime: how long it lives: "function" for each test's own, else "module" or "session".
        """
        return pytest.fixture(scope=lifetime)(_maker(cls, lifetime))

    def _started(self, servers: Starter | None) -> dict[str, Any]:
        declared = self.declared()
        if not declared:
            return {}
        if servers is None:
            kind = type(self).__name__
            raise TypeError(f"{kind}(servers): it needs {', '.join(declared)}: give it a Scope")
        started: Any = servers.start(*declared.values())
        return dict(zip(declared, started if len(declared) > 1 else (started,), strict=True))

    def _close_after(self, error: BaseException) -> None:
        try:
            self.close()
        except Exception as other:
            error.add_note(f"and then, closing what was opened: {other!r}")


def _maker(kind: type[H], lifetime: Lifetime) -> Callable[..., Iterator[H]]:
    suffix = "" if lifetime == "function" else f"_{lifetime}"
    services = kind.declared().values()

    def harness(**given: Any) -> Iterator[H]:
        with kind(given.get(f"servers{suffix}"), given.get("clock")) as made:
            yield made

    # By the names of its parameters pytest knows which other fixtures a fixture needs.
    names = [f"servers{suffix}"] if services else []
    if lifetime == "function":
        names.append("clock")
    asked = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
    harness.__signature__ = inspect.Signature(asked)  # type: ignore[attr-defined]
    # So that they can be ready before it is called.
    return starts(*services)(harness) if services else harness
