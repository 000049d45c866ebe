"""What code that needs the time depends on."""

from datetime import datetime
from typing import Protocol


class Event(Protocol):
    """Something that threads wait for, by a clock. Happens once."""

    def set(self) -> None:
        """Lets it happen: whoever waits goes on."""

    def is_set(self) -> bool:
        """Whether it has happened."""

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until it happens, at most for so many seconds of the clock, or for ever.

        Returns:
            Whether it has happened.
        """


class Clock(Protocol):
    """Tells the time, and lets code wait for it."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC. It may jump when someone sets the clock."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes backwards. For durations."""

    def sleep(self, seconds: float) -> None:
        """Waits for so many seconds. What shall end sooner waits for an event instead."""

    def event(self) -> Event:
        """A new event.

        A background loop that is to be ended waits for one: `while not stop.wait(5): …`.
        """
