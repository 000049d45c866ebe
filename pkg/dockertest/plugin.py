"""The pytest plugin: `-p pkg.dockertest.plugin`.

A failed test's report shows the last log lines of the servers that it used, and of an error of ours
no more than the line that met it. With BERTH_REPORT=1,
what was started is written to `dockertest.jsonl` among the test's undeclared outputs.
"""

import json
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from pkg.dockertest import coming, reports, servers, slots
from pkg.dockertest.errors import DockertestError
from pkg.dockertest.faults import standing
from pkg.dockertest.scopes import Scope, Started

_LOG_LINES = 40
_COMING = "berth-coming"


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker `services`, what looks ahead with it, and the fixtures `servers…`."""
    config.addinivalue_line(
        "markers", "services(*values): what the test starts, such as Redis(), to have it ready"
    )
    if os.environ.get("BERTH_AHEAD") != "0":
        config.pluginmanager.register(coming.Coming(), _COMING)
    if servers.given(config) == servers.FRESH:
        config.pluginmanager.register(servers)


def pytest_sessionfinish() -> None:
    """Ends the containers that no test holds."""
    slots.idle.close()


@pytest.fixture
def dockertest(request: pytest.FixtureRequest) -> Iterator[Scope]:
    """Starts fresh servers, which end with the test."""
    for scope in _scope(request):
        yield scope
        plugin = request.config.pluginmanager.get_plugin(_COMING)
        if isinstance(plugin, coming.Coming):
            plugin.started(request.node, scope)


@pytest.fixture(scope="module")
def dockertest_module(request: pytest.FixtureRequest) -> Iterator[Scope]:
    """Starts fresh servers, which end with the last test of the module."""
    yield from _scope(request)


@pytest.fixture(scope="session")
def dockertest_session(request: pytest.FixtureRequest) -> Iterator[Scope]:
    """Starts fresh servers, which end with the last test of all."""
    yield from _scope(request)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Puts the servers' last log lines below a failed test."""
    report = yield from reports.shortened(item.config, call)
    if report.failed:
        for scope in _scopes_of(item):
            report.sections += [section(started) for started in scope.started]
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    """Undoes the test's faults: a module's server goes on to the next test without them.

    It comes before the fixtures' ends, which may speak to the server.
    """
    failed: Exception | None = None
    try:
        standing.undo_all()
    except Exception as error:
        failed = error
    yield
    if failed:
        raise failed


def section(started: Started) -> tuple[str, str]:
    """The title, with how the server ended if it has, and the log of what a test has started."""
    container = started.container
    title = f"log of {started.service}, {container.name}"
    try:
        if ended := container.ended():
            title += f", which ended ({ended})"
        return title, container.logs(_LOG_LINES) or "(it wrote nothing)"
    except DockertestError as error:
        return title, f"(not to be had: {error})"


def _scope(request: pytest.FixtureRequest) -> Iterator[Scope]:
    with Scope() as scope:
        yield scope
        if os.environ.get("BERTH_REPORT") == "1":
            _report(scope, request.node.nodeid)


def _scopes_of(item: pytest.Item) -> list[Scope]:
    arguments = getattr(item, "funcargs", {})
    return [value for value in arguments.values() if isinstance(value, Scope)]


def _memory(started: Started) -> int | None:
    try:
        return started.container.memory_bytes()
    except DockertestError:  # the test may have ended the container itself
        return None


def _report(scope: Scope, test: str) -> None:
    directory = os.environ.get("TEST_UNDECLARED_OUTPUTS_DIR")
    if not directory:
        return
    with open(Path(directory) / "dockertest.jsonl", "a") as file:
        for started in scope.started:
            facts = {
                "service": started.service,
                "container": started.container.name,
                "image": started.container.image,
                "ready_seconds": round(started.seconds, 4),
                "started_ahead": started.is_ahead,
                "memory_bytes": _memory(started),
                "test": test,
            }
            file.write(json.dumps(facts) + "\n")
