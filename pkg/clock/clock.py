"""What code that needs the time depends on."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC. It may jump when someone sets the clock."""

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes backwards. For durations."""
