"""Tests with pytest-databases, which a pytest of their own runs; see rival.py.

What they do comes in the environment:

    BENCHMARK_SERVICE  the service
    BENCHMARK_TESTS    how many tests there are
    BENCHMARK_OUT      where their milliseconds are written, as JSON
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks import work
from benchmarks.dockertest import litter
from benchmarks.tenants import rival

_SERVICE = os.environ["BENCHMARK_SERVICE"]
_FIXTURES = {"redis": "redis_service", "s3": "minio_service", "mysql": "mysql_service"}


@dataclass(frozen=True)
class _Images:
    """What pytest-databases asks of images: that they are here. Nothing is pulled."""

    real: Any

    def get(self, name: str) -> Any:
        image, _ = rival.substitute(name, None)
        return self.real.get(image)


@dataclass(frozen=True)
class _Containers:
    """What it asks of containers, with our images and labels."""

    real: Any

    def list(self, **options: Any) -> Any:
        return self.real.list(**options)

    def run(self, image: str, command: object = None, **options: Any) -> Any:
        image, command = rival.substitute(image, command)
        labels = {**dict.fromkeys(options.pop("labels", ()), ""), **litter.labels()}
        return self.real.run(image, command, labels=labels, **options)


@dataclass(frozen=True)
class _Client:
    """What it asks of the engine."""

    images: _Images
    containers: _Containers
    close: Callable[[], None]


@pytest.fixture(scope="session")
def docker_client() -> Iterator[_Client]:
    """In place of its own."""
    import docker

    real = docker.from_env()
    yield _Client(_Images(real.images), _Containers(real.containers), real.close)
    real.close()


@pytest.fixture(scope="session")
def milliseconds() -> Iterator[dict[str, list[float]]]:
    """By part; written when all tests have run."""
    found: dict[str, list[float]] = {"first": [], "open": [], "end": [], "test": []}
    yield found
    Path(os.environ["BENCHMARK_OUT"]).write_text(json.dumps(found))


@pytest.mark.parametrize("number", range(int(os.environ["BENCHMARK_TESTS"])))
def test_nobody_was_here(
    request: pytest.FixtureRequest, milliseconds: dict[str, list[float]], number: int
) -> None:
    """The first waits for the server; each cleans up after itself."""
    began = time.perf_counter()
    server = work.server(_SERVICE, _facts(request.getfixturevalue(_FIXTURES[_SERVICE])))
    opened = time.perf_counter()
    found = work.once(_SERVICE, server)
    ending = time.perf_counter()
    work.clean(_SERVICE, server)
    ended = time.perf_counter()
    assert found == 1
    if number == 0:
        _note(milliseconds, first=(began, opened))
    else:
        _note(milliseconds, open=(began, opened), end=(ending, ended), test=(began, ended))


def _note(milliseconds: Mapping[str, list[float]], **parts: Sequence[float]) -> None:
    for part, (began, ended) in parts.items():
        milliseconds[part].append((ended - began) * 1000)


def _facts(service: Any) -> dict[str, Any]:
    """The server's, as ours have them."""
    facts = {"host": service.host, "port": service.port}
    if _SERVICE == "redis":
        return {**facts, "password": "none-is-needed"}
    if _SERVICE == "s3":
        keys = {"access_key_id": service.access_key, "secret_access_key": service.secret_key}
        return {**facts, **keys}
    return {**facts, "user": service.user, "password": service.password, "database": service.db}
