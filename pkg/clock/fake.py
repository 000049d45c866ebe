"""A clock that stands still until a test moves it."""

import threading
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until a test moves it. Usable from several threads.

    Raises:
        ValueError: `start` has no time zone.
    """

    def __init__(self, start: datetime = START) -> None:
        self._lock = threading.Lock()
        self._start = self._now = _in_utc("FakeClock(start=…)", start)

    def now(self) -> datetime:
        """The instant at which the clock stands, aware, in UTC."""
        with self._lock:
            return self._now

    def monotonic(self) -> float:
        """Seconds that the clock has been moved since its start."""
        return (self.now() - self._start).total_seconds()

    def advance(self, by: timedelta | float) -> None:
        """Moves the clock forward by a duration, or by that many seconds.

        Raises:
            ValueError: the duration is negative.
        """
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        if step < timedelta():
            raise ValueError(f"FakeClock.advance({by!r}): the clock does not go backwards")
        with self._lock:
            self._now += step

    def set(self, to: datetime) -> None:
        """Moves the clock forward to an instant.

        Raises:
            ValueError: the instant has no time zone, or lies before the clock's.
        """
        target = _in_utc("FakeClock.set(…)", to)
        with self._lock:
            if target < self._now:
                raise ValueError(
                    f"FakeClock.set({target.isoformat()}): the clock does not go backwards; "
                    f"it stands at {self._now.isoformat()}"
                )
            self._now = target


def _in_utc(where: str, instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(
            f"{where}: {instant.isoformat()} has no time zone; give it one, such as tzinfo=UTC"
        )
    return instant.astimezone(UTC)
