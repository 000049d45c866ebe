"""The pytest plugin: `-p pkg.testutil.containers.plugin`.

The report of a test that failed since its tenant may not do something says what to do instead.
"""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from pkg.dockertest import reports
from pkg.dockertest.servers import SHARED, given
from pkg.testutil.containers import refusals, servers
from pkg.testutil.containers.shared import Containers


def pytest_configure(config: pytest.Config) -> None:
    """Registers the fixtures `servers…`."""
    if given(config) == SHARED:
        config.pluginmanager.register(servers)


@pytest.fixture
def containers() -> Iterator[Containers]:
    """Parts of the shared servers of this checkout, which end with the test."""
    with Containers() as containers:
        yield containers


@pytest.fixture(scope="module")
def containers_module() -> Iterator[Containers]:
    """Parts of the shared servers of this checkout, which end with the last test of the module."""
    with Containers() as containers:
        yield containers


@pytest.fixture(scope="session")
def containers_session() -> Iterator[Containers]:
    """Parts of the shared servers of this checkout, which end with the last test of all."""
    with Containers() as containers:
        yield containers


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Puts what to do instead below a test that was refused something."""
    report = yield from reports.shortened(item.config, call)
    if report.failed and call.excinfo:
        values = getattr(item, "funcargs", {}).values()
        given = [value.tenancies for value in values if isinstance(value, Containers)]
        report.sections += refusals.sections(call.excinfo.value, set().union(*given))
    return report
