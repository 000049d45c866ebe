"""The pytest plugin: `-p pkg.testutil.containers.plugin`."""

import pytest

from pkg.testutil.containers.shared import Containers


@pytest.fixture(scope="session")
def containers() -> Containers:
    """The shared servers of this checkout."""
    return Containers()
