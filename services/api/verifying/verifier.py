"""keys.verifyKey: the checks, what they cost, the event, and the answer."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from msgspec import UNSET

from pkg import uid
from pkg.clock import Clock
from services.api.domain import verification
from services.api.domain.key import Key
from services.api.domain.times import milliseconds
from services.api.domain.verification import Asked, Caller, Code
from services.api.events import Events, Verified
from services.api.verifying import reading
from services.api.verifying.answer import NOT_FOUND, Outcome, answer
from services.api.verifying.spending import Credits, Units, spend_limits
from services.api.wire.verification import Verification, VerifyKeyRequest

_log = logging.getLogger(__name__)


class Waits(Exception):
    """A part that must not wait would have to."""


class Finds(Protocol):
    """Finds keys, as `services.api.verifying.Finder` does."""

    def find(self, text: str, /) -> Key | None:
        """The key of that text."""


class Verifier:
    """Verifies keys. Usable from several threads.

    One round trip to Redis where the key has limits, and one to the store where it has credits;
    nothing else while the key is warm.

    Args:
        finder: finds keys.
        limiter: counts rate limits.
        credits: spends credits.
        events: gets one event for each verification of a key of the caller's.
        clock: tells when keys expire.
        used: is told the id of the key, and when, at each of them; does not wait.
    """

    def __init__(
        self,
        finder: Finds,
        limiter: Units,
        credits: Credits,
        events: Events,
        *,
        clock: Clock,
        used: Callable[[str, datetime], None] = lambda key_id, at: None,
    ) -> None:
        self._finder = finder
        self._limiter = limiter
        self._credits = credits
        self._events = events
        self._clock = clock
        self._used = used

    def verify(self, caller: Caller, request: VerifyKeyRequest, request_id: str) -> Verification:
        """Whether a key is valid for what it is shown for.

        Args:
            request_id: of the request, for the event.

        Raises:
            Fault: the caller may verify no key, or the request makes no sense.
        """
        verification.require_anywhere(caller)
        asked = reading.asked(request)
        key = self._finder.find(request.key)
        now = self._clock.now()
        outcome = self._outcome(key, caller, asked, now)
        if key is None or outcome.code is Code.NOT_FOUND:
            return NOT_FOUND
        tags = () if request.tags is UNSET else tuple(request.tags)
        self._publish(self._event(key, outcome, tags, now, request_id))
        self._used(key.id, now)
        return answer(key, outcome)

    def _outcome(self, key: Key | None, caller: Caller, asked: Asked, now: datetime) -> Outcome:
        plan = verification.check(key, caller, asked, now)
        left = None if key is None or key.credits is None else key.credits.at(now).remaining
        if isinstance(plan, Code):
            return Outcome(plan, left=left)
        assert key is not None
        counts = spend_limits(self._limiter, plan.limits, now)
        if (refused := verification.after_limits(counts)) is not None:
            return Outcome(refused, counts, left=left)
        if plan.cost is None:
            return Outcome(Code.VALID, counts)
        spent, left = self._credits.spend(key.id, plan.cost, now)
        return Outcome(verification.after_credits(spent), counts, plan.cost if spent else 0, left)

    def _event(
        self, key: Key, outcome: Outcome, tags: tuple[str, ...], now: datetime, request_id: str
    ) -> Verified:
        return Verified(
            id=uid.new("ver", self._clock),
            time=milliseconds(now),
            request_id=request_id,
            workspace_id=key.workspace_id,
            api_id=key.api_id,
            keyspace_id=key.keyspace_id,
            key_id=key.id,
            external_id=key.identity.external_id if key.identity else "",
            outcome=outcome.code.value,
            cost=outcome.cost,
            tags=tags,
        )

    def _publish(self, event: Verified) -> None:
        try:
            self._events.publish(event)
        except Waits:
            raise
        except Exception as error:
            # What was spent is spent: the caller gets the answer, the operator the warning.
            _log.warning("api: an event of a verification is lost (%s)", type(error).__name__)
