"""The suite's tests, which a pytest of their own runs: one assertion each, on a server each.

What they run on comes in the environment:

    BENCHMARK_SERVICES  the services of each test, comma-separated
    BENCHMARK_TESTS     how many tests there are
    BENCHMARK_ON        fresh, shared or testcontainers
    BENCHMARK_SHARED    the shared servers' facts, as JSON
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import work

_NAMES = os.environ["BENCHMARK_SERVICES"].split(",")
_ON = os.environ["BENCHMARK_ON"]
_VALUES = [work.SERVICES[name]() for name in _NAMES]

pytestmark = [pytest.mark.services(*_VALUES)] if _ON == "fresh" else []


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """A test's servers, by the service's name."""
    if _ON == "fresh":
        got = request.getfixturevalue("dockertest").start(*_VALUES)
        yield dict(zip(_NAMES, got if len(_NAMES) > 1 else [got], strict=True))
    elif _ON == "shared":
        facts = json.loads(os.environ["BENCHMARK_SHARED"])
        shared = {name: work.server(name, facts[name]) for name in _NAMES}
        yield shared
        for name, server in shared.items():
            work.clean(name, server)
    else:
        from benchmarks.dockertest import rivals

        started = {name: rivals.testcontainers(name) for name in _NAMES}
        yield {name: one.server for name, one in started.items()}
        for one in started.values():
            one.end()


@pytest.mark.parametrize("number", range(int(os.environ["BENCHMARK_TESTS"])))
def test_nobody_was_here(servers: dict[str, Any], number: int) -> None:
    """Holds on a fresh server, and on one that was cleaned."""
    assert [work.once(name, server) for name, server in servers.items()] == [1] * len(servers)
