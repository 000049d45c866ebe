"""A clock that stands still until a test moves it."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 1, tzinfo=UTC)
# Of real time: a test whose code never comes to wait ends with an error.
_PATIENCE_SECONDS = 10.0


class FakeClock:
    """A clock that stands still until a test moves it. Usable from several threads.

    Threads that wait by it, for time to pass or for an event, go on when it is moved far enough.

    Raises:
        ValueError: `start` has no time zone.
    """

    def __init__(self, start: datetime = START) -> None:
        self._moved = threading.Condition()
        self._start = self._now = _in_utc("FakeClock(start=…)", start)
        self._set_by = timedelta()  # how far `now` is off from the time that has passed
        self._waits: list[Callable[[], bool]] = []  # whether each is over

    def now(self) -> datetime:
        """The instant at which the clock stands, aware, in UTC."""
        with self._moved:
            return self._now + self._set_by

    def monotonic(self) -> float:
        """Seconds that the clock has been moved since its start."""
        with self._moved:
            return (self._now - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Waits until a test has moved the clock by so many seconds."""
        self.event().wait(seconds)

    def event(self) -> "FakeEvent":
        """A new event, for which is waited by this clock."""
        return FakeEvent(self)

    def advance(self, by: timedelta | float) -> None:
        """Moves the clock forward by a duration, or by that many seconds.

        Raises:
            ValueError: the duration is negative.
        """
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        if step < timedelta():
            raise ValueError(f"FakeClock.advance({by!r}): the clock does not go backwards")
        with self._moved:
            self._now += step
            self._moved.notify_all()

    def set(self, to: datetime) -> None:
        """Moves the clock forward to an instant.

        Raises:
            ValueError: the instant has no time zone, or lies before the clock's.
        """
        target = _in_utc("FakeClock.set(…)", to)
        with self._moved:
            now = self._now + self._set_by
            if target < now:
                raise ValueError(
                    f"FakeClock.set({target.isoformat()}): the clock does not go backwards; "
                    f"it stands at {now.isoformat()}"
                )
            self._now += target - now
            self._moved.notify_all()

    def step(self, by: timedelta) -> None:
        """Sets the clock forward, or back by a negative duration, as one sets a machine's.

        `now` jumps, and no time passes: `monotonic` stands where it stood, and who waits goes on
        waiting.
        """
        with self._moved:
            self._set_by += by

    def until_waiting(self, threads: int = 1) -> None:
        """Returns as soon as so many threads wait by this clock: then a test may move it.

        Raises:
            TimeoutError: fewer do, after ten seconds of real time.
        """
        with self._moved:
            if not self._moved.wait_for(lambda: self._waiting() >= threads, _PATIENCE_SECONDS):
                raise TimeoutError(
                    f"FakeClock.until_waiting({threads}): {self._waiting()} wait, after "
                    f"{_PATIENCE_SECONDS:g} s: does the code under test wait by this clock?"
                )

    def _waiting(self) -> int:
        """How many wait whose wait is not over: one that may go on may not have done so yet."""
        return sum(not is_over() for is_over in self._waits)

    def _wait(self, happened: Callable[[], bool], seconds: float | None) -> None:
        with self._moved:
            end = None if seconds is None else self._now + timedelta(seconds=seconds)

            def is_over() -> bool:
                return happened() or (end is not None and self._now >= end)

            self._waits.append(is_over)
            self._moved.notify_all()
            try:
                self._moved.wait_for(is_over)
            finally:
                self._waits.remove(is_over)

    def _notify(self) -> None:
        with self._moved:
            self._moved.notify_all()


class FakeEvent:
    """Something that threads wait for, by a clock that stands still until a test moves it."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._happened = False

    def set(self) -> None:
        """Lets it happen: whoever waits goes on."""
        self._happened = True
        self._clock._notify()

    def is_set(self) -> bool:
        """Whether it has happened."""
        return self._happened

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until it happens, or until the clock was moved by so many seconds.

        Returns:
            Whether it has happened.
        """
        self._clock._wait(self.is_set, seconds)
        return self._happened


def _in_utc(where: str, instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(
            f"{where}: {instant.isoformat()} has no time zone; give it one, such as tzinfo=UTC"
        )
    return instant.astimezone(UTC)
