"""The test clock stands still, moves forward only, and knows its time zone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pkg.clock import Clock, FakeClock

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)


def test_it_stands_still() -> None:
    """Without advance() or set(), every reading is the same."""
    clock: Clock = FakeClock()
    assert clock.now() == clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.monotonic() == clock.monotonic() == 0.0


def test_it_starts_where_it_is_told() -> None:
    """A start in another time zone is the same instant, told in UTC."""
    clock = FakeClock(NOON.astimezone(timezone(timedelta(hours=5))))
    assert clock.now() == NOON
    assert clock.now().utcoffset() == timedelta()


@pytest.mark.parametrize("by", [timedelta(minutes=1, milliseconds=500), 60.5])
def test_advance_moves_both_readings(by: timedelta | float) -> None:
    """A duration and a number of seconds do the same."""
    clock = FakeClock(NOON)
    clock.advance(by)
    assert clock.now() == NOON + timedelta(seconds=60.5)
    assert clock.monotonic() == 60.5


def test_set_moves_both_readings() -> None:
    """set() is advance() to an instant."""
    clock = FakeClock(NOON)
    clock.set(NOON + timedelta(hours=2))
    assert clock.now() == NOON + timedelta(hours=2)
    assert clock.monotonic() == 7200.0


@pytest.mark.parametrize("by", [timedelta(microseconds=-1), -1])
def test_advance_refuses_to_go_backwards(by: timedelta | float) -> None:
    """A negative duration is refused, and the clock stays where it was."""
    clock = FakeClock(NOON)
    with pytest.raises(ValueError, match=r"FakeClock\.advance\(.*does not go backwards"):
        clock.advance(by)
    assert clock.now() == NOON


def test_set_refuses_to_go_backwards() -> None:
    """The message names both instants."""
    clock = FakeClock(NOON)
    with pytest.raises(ValueError, match=r"FakeClock\.set\(2030-06-01T11.*stands at 2030-06-01T12"):
        clock.set(NOON - timedelta(hours=1))
    assert clock.now() == NOON


def test_an_instant_without_a_time_zone_is_refused() -> None:
    """A naive datetime means a different instant on each machine."""
    naive = datetime(2030, 6, 1, 12)
    with pytest.raises(ValueError, match=r"FakeClock\(start=…\): .* has no time zone"):
        FakeClock(naive)
    with pytest.raises(ValueError, match=r"FakeClock\.set\(…\): .* has no time zone"):
        FakeClock().set(naive)


@pytest.mark.parametrize("by", [timedelta(hours=3), timedelta(hours=-3)])
def test_a_clock_that_is_set_jumps_and_no_time_passes(by: timedelta) -> None:
    """Forward and back; afterwards both readings move as before."""
    clock = FakeClock(NOON)
    clock.advance(60)
    clock.step(by)
    assert clock.now() == NOON + timedelta(seconds=60) + by
    assert clock.monotonic() == 60.0
    clock.advance(60)
    clock.set(clock.now() + timedelta(seconds=60))
    assert clock.now() == NOON + timedelta(seconds=180) + by
    assert clock.monotonic() == 180.0
    with pytest.raises(ValueError, match="does not go backwards"):
        clock.set(clock.now() - timedelta(seconds=1))


def test_no_step_is_lost_between_threads() -> None:
    """Steps of several threads add up."""
    clock = FakeClock(NOON)

    def thousand_steps() -> None:
        for _ in range(1000):
            clock.advance(0.001)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(thousand_steps) for _ in range(4)]:
            done.result()
    assert clock.now() == NOON + timedelta(seconds=4)
