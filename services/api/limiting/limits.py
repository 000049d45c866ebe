"""Decides whether something may be done now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pkg.clock import Clock
from pkg.ratelimit import Decision, Limit, Limiter
from services.api.domain.overrides import best
from services.api.domain.times import duration, milliseconds
from services.api.limiting.spaces import Space
from services.api.wire.ratelimit import LimitRequest


@dataclass(frozen=True)
class Decided:
    """Whether it may be done.

    Attributes:
        limit: what may be spent within the window: the request's, or the override's.
        reset: when the limit is whole again; if it is exceeded, when the request can pass at the
            soonest.
        override_id: of what took the place of the request's limit.
    """

    passed: bool
    limit: int
    remaining: int
    reset: datetime
    override_id: str | None


class Limits:
    """Limits rates. Usable from several threads.

    Args:
        limiter: counts.
        clock: tells when limits are whole again.
    """

    def __init__(self, limiter: Limiter, *, clock: Clock) -> None:
        self._limiter = limiter
        self._clock = clock

    def take(self, space: Space, asked: LimitRequest) -> Decided:
        """Uses units, if they are there. One round trip to Redis."""
        return self.take_each([(space, asked)])[0]

    def take_each(self, asked: Sequence[tuple[Space, LimitRequest]]) -> list[Decided]:
        """Uses units of several, of each if they are there. One round trip for all of them."""
        now = self._clock.now()
        plans = [_plan(space, each) for space, each in asked]
        counted = [(limit, plan.cost) for plan in plans if (limit := plan.limit) is not None]
        decisions = iter(self._limiter.take_each(counted) if counted else ())
        return [
            plan.decided(plan.refusal if plan.limit is None else next(decisions), now)
            for plan in plans
        ]


@dataclass(frozen=True)
class _Plan:
    """What is to be taken.

    Attributes:
        limit: None for one that lets nothing through, which can't be counted.
    """

    units: int
    window: timedelta
    cost: int
    limit: Limit | None
    override_id: str | None

    @property
    def refusal(self) -> Decision:
        return Decision(allowed=False, remaining=0, retry_after=self.window)

    def decided(self, decision: Decision, now: datetime) -> Decided:
        # The units of this moment are the last to be given back.
        wait = self.window if decision.allowed else decision.retry_after
        remaining = max(0, decision.remaining)
        return Decided(decision.allowed, self.units, remaining, now + wait, self.override_id)


def _plan(space: Space, asked: LimitRequest) -> _Plan:
    override = best(space.overrides, asked.identifier)
    units = asked.limit if override is None else override.limit
    window = duration(asked.duration) if override is None else override.duration
    name = f"{space.namespace.id}/{asked.identifier}/{milliseconds(window)}"
    return _Plan(
        units,
        window,
        asked.cost,
        Limit(name, units, window) if units else None,
        None if override is None else override.id,
    )
