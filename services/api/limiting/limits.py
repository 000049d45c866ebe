"""Decides whether something may be done now."""

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
    """Limits rates: one round trip to Redis for each. Usable from several threads.

    Args:
        limiter: counts.
        clock: tells when limits are whole again.
    """

    def __init__(self, limiter: Limiter, *, clock: Clock) -> None:
        self._limiter = limiter
        self._clock = clock

    def take(self, space: Space, asked: LimitRequest) -> Decided:
        """Uses units, if they are there."""
        override = best(space.overrides, asked.identifier)
        units = asked.limit if override is None else override.limit
        window = duration(asked.duration) if override is None else override.duration
        now = self._clock.now()
        decision = self._decision(space.namespace.id, asked, units, window)
        # The units of this moment are the last to be given back.
        wait = window if decision.allowed else decision.retry_after
        return Decided(
            decision.allowed,
            units,
            max(0, decision.remaining),
            now + wait,
            None if override is None else override.id,
        )

    def _decision(
        self, namespace_id: str, asked: LimitRequest, units: int, window: timedelta
    ) -> Decision:
        if not units:  # it lets nothing through, and can't be counted
            return Decision(allowed=False, remaining=0, retry_after=window)
        name = f"{namespace_id}/{asked.identifier}/{milliseconds(window)}"
        return self._limiter.take(Limit(name, units, window), asked.cost)
