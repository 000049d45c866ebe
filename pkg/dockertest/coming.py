"""Which services the coming tests of a pytest session will start; see `ahead`.

Said by a test's marker `services`, by its fixtures (`starts`), or else expected from what the test
before it in its module has started.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest

from pkg.dockertest import ahead
from pkg.dockertest.errors import WrongArgument
from pkg.dockertest.scopes import Scope
from pkg.dockertest.service import Service
from pkg.dockertest.starter import check

F = TypeVar("F", bound=Callable[..., Any])

_LOOK_AHEAD = 2  # tests: while one runs, two processors can make the servers of two others
_ATTRIBUTE = "berth_starts"
_FRESH = ("dockertest", "dockertest_module", "dockertest_session")


def starts(*services: Service[Any]) -> Callable[[F], F]:
    """Says which services a fixture starts, so that they can be ready before it is called.

    @pytest.fixture
    @starts(Redis())
    def cache(dockertest):
        return Cache(dockertest.start(Redis()).client())

    Raises:
        WrongArgument: there are none, or one is not a service's value.
    """
    check(services, "starts")

    def mark(function: F) -> F:
        setattr(function, _ATTRIBUTE, services)
        return function

    return mark


class Coming:
    """Asks ahead for the tests of a session, as its plugin."""

    def __init__(self) -> None:
        self._position: dict[int, int] = {}
        self._expected: dict[tuple[str, str], Sequence[Service[Any]]] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Has the first tests' servers started."""
        if session.config.option.collectonly or hasattr(session.config, "workerinput"):
            return  # a worker of pytest-xdist is yet to be told which tests are its own
        self._position = {id(item): at for at, item in enumerate(session.items)}
        self._want(session.items[:1])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Has the coming tests' servers started."""
        at = self._position.get(id(item))
        if at is not None:
            self._want(item.session.items[at : at + 1 + _LOOK_AHEAD])
        else:
            self._want([item, nextitem] if nextitem else [item])

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Refuses marks that are not as they should be."""
        for mark in item.iter_markers("services"):
            if wrong := _wrong(mark):
                # Its way through pytest would tell nobody anything.
                pytest.fail(f"@pytest.mark.{wrong}", pytrace=False)

    def pytest_sessionfinish(self) -> None:
        """Ends what was started in vain."""
        ahead.stock.close()

    def started(self, item: pytest.Item, scope: Scope) -> None:
        """Takes down what a test has started, as what its neighbours may start."""
        self._expected[_kind(item)] = scope.asked

    def _want(self, items: Sequence[pytest.Item]) -> None:
        ahead.stock.want([service for item in items for service in self._services(item)])

    def _services(self, item: pytest.Item) -> Sequence[Service[Any]]:
        if any(item.iter_markers("skip")):
            return ()
        marked = [service for mark in item.iter_markers("services") for service in mark.args]
        said = [service for service in marked if isinstance(service, Service)]
        fixtures = _fixtures(item)
        if fixtures.keys().isdisjoint(_FRESH):
            return said  # what its fixtures start is on shared servers
        for definitions in fixtures.values():
            fixture = definitions[-1]
            if fixture.cached_result is None:  # what is there already starts nothing
                said += getattr(fixture.func, _ATTRIBUTE, ())
        if said or "dockertest" not in fixtures:
            return said
        return self._expected.get(_kind(item), ())


def _wrong(mark: pytest.Mark) -> str:
    """What is wrong with a marker `services`; "" if nothing is."""
    try:
        check(mark.args, "services")
    except WrongArgument as error:
        return str(error)
    return ""


def _fixtures(item: pytest.Item) -> dict[str, Any]:
    info = getattr(item, "_fixtureinfo", None)  # doctests and other plugins' items have none
    return info.name2fixturedefs if info else {}


def _kind(item: pytest.Item) -> tuple[str, str]:
    """Tests of a module with the same parameters are expected to start the same."""
    parameters = getattr(item, "callspec", None)
    return str(item.path), parameters.id if parameters else ""
