"""keys.verifyKey without waiting: by the verifier's own steps, on parts that refuse to wait."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NoReturn

from msgspec import UNSET

from pkg.clock import Clock
from pkg.ratelimit import Limit
from services.api.domain.key import Key
from services.api.domain.verification import Caller
from services.api.events import Events, Verified
from services.api.verifying.finder import Finder
from services.api.verifying.verifier import Verifier, Waits
from services.api.wire.verification import Verification, VerifyKeyRequest

# Beyond these, the processor has so much to do that others would wait for it.
MOST_QUERY_CHARACTERS = 200
MOST_PERMISSIONS = 50


class AtOnce:
    """Verifies keys that are in memory and have neither limits nor credits to spend.

    For an event loop: it never waits, and takes the processor for some microseconds.

    Args:
        finder: has keys in memory.
        events: gets one event for each verification, as a verifier's does.
        clock: tells when keys expire.
        used: is told of each use, as a verifier's is.
    """

    def __init__(
        self,
        finder: Finder,
        events: Events,
        *,
        clock: Clock,
        used: Callable[[str, datetime], None] = lambda key_id, at: None,
    ) -> None:
        self._verifier = Verifier(
            _Known(finder), _SPARED, _SPARED, _Offered(events), clock=clock, used=used
        )

    def verify(
        self, caller: Caller, request: VerifyKeyRequest, request_id: str
    ) -> Verification | None:
        """What `Verifier.verify` gives, or None where that would wait; then nothing was done.

        Raises:
            Fault: as `Verifier.verify`.
        """
        if request.permissions is not UNSET and len(request.permissions) > MOST_QUERY_CHARACTERS:
            return None
        try:
            return self._verifier.verify(caller, request, request_id)
        except Waits:
            return None


class _Known:
    """Keys that are in memory."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    def find(self, text: str) -> Key | None:
        held = self._finder.held(text)
        if held is None or (held.value and len(held.value.permissions) > MOST_PERMISSIONS):
            raise Waits
        return held.value


class _Spared:
    """Units and credits that nobody may spend."""

    def take_all(self, asked: Sequence[tuple[Limit, int]]) -> NoReturn:
        raise Waits

    def spend(self, key_id: str, cost: int, now: datetime) -> NoReturn:
        raise Waits


_SPARED = _Spared()


class _Offered:
    """Events that find their place without waiting. The last step: by then, nothing was spent."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def publish(self, event: Verified) -> None:
        if not self._events.offer(event):
            raise Waits

    def offer(self, event: Verified) -> bool:
        return self._events.offer(event)
