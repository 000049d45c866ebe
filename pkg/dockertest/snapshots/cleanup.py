"""For tests of snapshots: theirs go with them."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pkg.dockertest import engine
from pkg.dockertest.engine import Query, filters
from pkg.dockertest.errors import EngineError
from pkg.dockertest.image import find
from pkg.dockertest.scopes import Scope
from pkg.dockertest.service import Service
from pkg.dockertest.snapshots import snapshot

_SECONDS = 30.0
_PAUSE = 0.1

Named = Callable[[Service[Any]], str]


def name_of(service: Service[Any]) -> str:
    """The name of a value's snapshot."""
    at, content = engine.connect(), service.content()
    assert content, f"{service} has no snapshot"
    return snapshot.name_of(at, service, find(at, service.service), content)


def is_there(name: str) -> bool:
    """Whether the engine has the image."""
    return engine.connect().image(name) is not None


@pytest.fixture
def named() -> Iterator[Named]:
    """Gives the name of a value's snapshot, and removes that when the test is over."""
    names: list[str] = []

    def call(service: Service[Any]) -> str:
        names.append(name_of(service))
        return names[-1]

    yield call
    deadline = time.monotonic() + _SECONDS
    while left := [name for name in names if not _is_removed(name)]:
        assert time.monotonic() < deadline, f"{left} cannot be removed"
        time.sleep(_PAUSE)


@pytest.fixture
def fresh(named: Named) -> Iterator[Scope]:
    """Starts servers that end before the snapshots go.

    None is started ahead, as it would be with `dockertest`: that would make them again.
    """
    with Scope() as scope:
        yield scope


def _is_removed(name: str) -> bool:
    """Removes the snapshot and the containers that run it; theirs may be going already."""
    at = engine.connect()
    running: Query = {"all": 1, "filters": filters(ancestor=[name])}
    try:
        for one in at.request("GET", "/containers/json", running):
            at.request("DELETE", f"/containers/{one['Id']}", {"force": 1, "v": 1})
        at.request("DELETE", f"/images/{name}")
    except EngineError:
        pass
    return not is_there(name)
