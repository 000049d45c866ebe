"""Credits of a key: how many are left, what spends them, and when they come back.

A refill is due at 00:00 UTC: each day, or on one day of each month, in a shorter month on its last.
It fills up to its amount and takes nothing away.
"""

import calendar
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

MOST = 2**63 - 1


class Interval(StrEnum):
    """How often credits come back."""

    DAILY = "daily"
    MONTHLY = "monthly"


@dataclass(frozen=True)
class Refill:
    """How credits come back.

    Attributes:
        amount: up to how many.
        day: of the month, 1 to 31; None for a daily one.
    """

    amount: int
    day: int | None = None

    @property
    def interval(self) -> Interval:
        """How often."""
        return Interval.DAILY if self.day is None else Interval.MONTHLY


@dataclass(frozen=True)
class Credits:
    """What a key may still be used for. A key without has as many as one likes.

    Attributes:
        remaining: how many are left.
        refilled_at: up to when refills were done: the last one, or the beginning. Aware.
    """

    remaining: int
    refill: Refill | None
    refilled_at: datetime

    def at(self, now: datetime) -> "Credits":
        """What is left then: refilled, if a refill was due since."""
        if self.refill is None or (due := due_before(self.refill, now)) <= self.refilled_at:
            return self
        return replace(self, remaining=max(self.remaining, self.refill.amount), refilled_at=due)

    def spend(self, cost: int, now: datetime) -> "Credits | None":
        """What is left after that; None if there are not enough."""
        current = self.at(now)
        if current.remaining < cost:
            return None
        return replace(current, remaining=current.remaining - cost)


def due_before(refill: Refill, now: datetime) -> datetime:
    """When the last refill was due, at that time or before it."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if refill.day is None:
        return midnight
    due = _in_month(midnight, refill.day)
    if due > midnight:
        due = _in_month(midnight.replace(day=1) - timedelta(days=1), refill.day)
    return due


def _in_month(day: datetime, wanted: int) -> datetime:
    _, last = calendar.monthrange(day.year, day.month)
    return day.replace(day=min(wanted, last))
