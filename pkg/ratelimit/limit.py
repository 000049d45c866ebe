"""What is allowed, and what was decided."""

from dataclasses import dataclass
from datetime import timedelta

MAX_UNITS = 100_000
MAX_WINDOW = timedelta(days=31)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Limit:
    """So many units in any window of so long: a sliding one, not one that begins on the hour.

    Attributes:
        name: what is limited, such as "key_123/verify". Limits of one name share what was used.
        units: how many; each unit that was used in the window is remembered.
        window: how long, in whole milliseconds.

    Raises:
        ValueError: the name is empty, the units are not 1 to 100,000, or the window is not 1 ms to
            31 days.
    """

    name: str
    units: int
    window: timedelta

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("ratelimit: a limit needs a name")
        if not 1 <= self.units <= MAX_UNITS:
            raise ValueError(f"ratelimit: units={self.units}: give 1 to {MAX_UNITS}")
        if not _MILLISECOND <= self.window <= MAX_WINDOW or self.window % _MILLISECOND:
            raise ValueError(
                f"ratelimit: window={self.window}: give whole milliseconds, up to "
                f"{MAX_WINDOW.days} days"
            )

    @property
    def milliseconds(self) -> int:
        """How long the window is."""
        return self.window // _MILLISECOND


@dataclass(frozen=True)
class Decision:
    """What was decided of one limit.

    Attributes:
        allowed: whether the units were there, and are used now.
        remaining: how many are left now.
        retry_after: when as many as were asked for can be there at the soonest; nothing if they
            are used now. More than the limit's units never are: then, the whole window.
        exact: whether all instances were counted; not so while Redis is of no use.
    """

    allowed: bool
    remaining: int
    retry_after: timedelta
    exact: bool = True
