"""The machine's clock keeps the promises of `Clock`."""

from datetime import UTC, datetime, timedelta

from pkg.clock import Clock, SystemClock


def test_now_is_the_machines_time_in_utc() -> None:
    """now() lies between two readings of the machine's clock, and says that it is UTC."""
    clock: Clock = SystemClock()
    before = datetime.now(UTC)
    now = clock.now()
    assert before <= now <= datetime.now(UTC)
    assert now.utcoffset() == timedelta()


def test_monotonic_never_goes_backwards() -> None:
    """A later reading is never smaller than an earlier one."""
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(1000)]
    assert readings == sorted(readings)
