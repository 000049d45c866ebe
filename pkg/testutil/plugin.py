"""The pytest plugin of all tests: `-p pkg.testutil.plugin`."""

import pytest

from pkg.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    """A clock of this test's own, which stands still until the test moves it."""
    return FakeClock()
