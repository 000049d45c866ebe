"""The fixtures that every test has."""

from datetime import timedelta

import pytest

from pkg.clock import FakeClock


@pytest.mark.parametrize("run", ["first", "second"])
def test_each_test_has_a_clock_of_its_own(clock: FakeClock, run: str) -> None:
    """A test that moves its clock does not move the next one's."""
    assert clock.monotonic() == 0, run
    clock.advance(timedelta(days=1))
