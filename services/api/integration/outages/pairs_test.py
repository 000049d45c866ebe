"""What is slowed is told, and what is slow by chance is not."""

import random

import pytest

from pkg.clock import FakeClock
from services.api.integration.outages.pairs import Pair, are_slowed, late, paired

BY = 0.005


def pairs(seed: int, *, slow: float = 0.0, slowed: float = 0.0, many: int = 1000) -> list[Pair]:
    """Requests of 2 ms. The machine makes a share of them slow, and something the subject's."""
    chance = random.Random(seed)

    def took(own: float) -> float:
        machine = chance.random() < slow
        return 0.002 + chance.expovariate(1 / 0.02) * machine + 0.01 * (chance.random() < own)

    return [Pair(took(slowed), took(0.0)) for _ in range(many)]


@pytest.mark.parametrize("slow", [0.0, 0.01, 0.1, 0.5])
def test_a_slow_machine_slows_both(slow: float) -> None:
    """However much."""
    for seed in range(20):
        before, now = pairs(seed, slow=slow), pairs(seed + 100, slow=slow)
        assert not are_slowed(before, now, by=BY, share=0.01)


@pytest.mark.parametrize(("slow", "slowed"), [(0.0, 0.06), (0.01, 0.08), (0.1, 0.2)])
def test_what_is_slowed_is_told(slow: float, slowed: float) -> None:
    """The less other things slow it down, the smaller the share may be."""
    for seed in range(20):
        before, now = pairs(seed, slow=slow), pairs(seed + 100, slow=slow, slowed=slowed)
        assert are_slowed(before, now, by=BY, share=0.01)


def test_a_control_that_is_slow_itself_hides_nothing() -> None:
    """What counts is what has changed."""
    before = [Pair(0.002, 0.010)] * 1000
    assert are_slowed(before, [Pair(0.012, 0.010)] * 1000, by=BY, share=0.01)
    assert late(before, BY).share == -1.0


def test_requests_are_made_by_turns() -> None:
    """For as long as it was told."""
    clock = FakeClock()
    asked: list[str] = []

    def request(name: str, seconds: float) -> None:
        asked.append(name)
        clock.advance(seconds)

    made = paired(lambda: request("a", 1.0), lambda: request("b", 2.0), 9.0, clock)
    assert made == [Pair(1.0, 2.0)] * 3
    assert asked == ["b", "a", "a", "b", "b", "a"]
