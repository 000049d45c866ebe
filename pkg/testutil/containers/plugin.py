"""The pytest plugin: `-p pkg.testutil.containers.plugin`."""

from collections.abc import Iterator

import pytest

from pkg.testutil.containers.shared import Containers


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
