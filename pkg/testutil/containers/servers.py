"""The fixtures `servers…` on shared servers; see `pkg.dockertest.servers`."""

import pytest

from pkg.testutil.containers.shared import Containers


@pytest.fixture
def servers(containers: Containers) -> Containers:
    """Parts of the shared servers of this checkout, which end with the test."""
    return containers


@pytest.fixture(scope="module")
def servers_module(containers_module: Containers) -> Containers:
    """Parts of the shared servers of this checkout, which end with the last test of the module."""
    return containers_module


@pytest.fixture(scope="session")
def servers_session(containers_session: Containers) -> Containers:
    """Parts of the shared servers of this checkout, which end with the last test of all."""
    return containers_session
