"""What is remembered, and for how long."""

from datetime import timedelta

import pytest

from pkg.clock import FakeClock
from pkg.recent import Recent


@pytest.fixture
def recent(clock: FakeClock) -> Recent[str, int]:
    return Recent(clock=clock, ttl=timedelta(seconds=10), size=2)


def test_a_value_is_remembered_for_its_time(recent: Recent[str, int], clock: FakeClock) -> None:
    """Asking for it does not prolong it; putting it again does."""
    recent.put("a", 1)
    clock.advance(9)
    assert recent.get("a") == 1
    clock.advance(1)
    assert recent.get("a") is None
    recent.put("a", 2)
    clock.advance(9)
    assert recent.get("a") == 2


def test_the_one_longest_not_asked_for_makes_room(recent: Recent[str, int]) -> None:
    """Memory is bounded, whatever the number of keys."""
    recent.put("a", 1)
    recent.put("b", 2)
    assert recent.get("a") == 1
    recent.put("c", 3)
    assert [recent.get(key) for key in "abc"] == [1, None, 3]
