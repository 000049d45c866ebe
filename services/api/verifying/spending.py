"""Spends what a verification costs: first the limits, then the credits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from pkg.ratelimit import Decision, Limit
from services.api.domain.ratelimits import Counted, Planned, counted


class Units(Protocol):
    """Where units of rate limits are, as `pkg.ratelimit.Limiter` has them."""

    def take_all(self, asked: Sequence[tuple[Limit, int]], /) -> Sequence[Decision]:
        """Uses units of several limits if all are there, else none of any."""


class Credits(Protocol):
    """Where credits are: exact, whoever else spends at the same time."""

    def spend(self, key_id: str, cost: int, now: datetime, /) -> tuple[bool, int | None]:
        """Spends a key's credits, if there are enough; refilled first, if a refill is due.

        Returns:
            whether they are spent, and how many are left; None if they have become unlimited.
        """


def spend_limits(limiter: Units, limits: Sequence[Planned], now: datetime) -> tuple[Counted, ...]:
    """Uses the units of all limits, or none of any: one round trip, or none without limits."""
    # A limit of nothing lets nothing through, and can't be counted; the others are looked at.
    countable = [each for each in limits if each.limit]
    blocked = len(countable) < len(limits)
    asked = [
        (Limit(each.counter, each.limit, each.duration), 0 if blocked else each.cost)
        for each in countable
    ]
    decisions = limiter.take_all(asked) if asked else []
    decided = {each.counter: made for each, made in zip(countable, decisions, strict=True)}
    return tuple(
        counted(
            each,
            decided.get(each.counter) or Decision(False, 0, each.duration),
            now,
        )
        for each in limits
    )
