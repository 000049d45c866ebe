"""What is answered of a verification."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.api import shown
from services.api.domain.key import Key
from services.api.domain.ratelimits import Counted
from services.api.domain.times import milliseconds
from services.api.domain.verification import Code
from services.api.wire.verification import Verification, VerifiedRatelimit

NOT_FOUND = Verification(valid=False, code="NOT_FOUND")


@dataclass(frozen=True)
class Outcome:
    """What came of a verification.

    Attributes:
        counts: the limits that were asked.
        cost: credits that were spent.
        left: credits; None if the key has as many as one likes.
    """

    code: Code
    counts: Sequence[Counted] = ()
    cost: int = 0
    left: int | None = None


def answer(key: Key, outcome: Outcome) -> Verification:
    """What is told of a key that was found."""
    return Verification(
        valid=outcome.code is Code.VALID,
        code=outcome.code.value,
        key_id=key.id,
        keyspace_id=key.keyspace_id,
        name=key.name,
        meta=None if key.meta is None else dict(key.meta),
        expires=None if key.expires_at is None else milliseconds(key.expires_at),
        credits=outcome.left,
        enabled=key.enabled,
        permissions=sorted(key.permissions),
        roles=list(key.roles),
        identity=shown.identity(key.identity),
        ratelimits=[_ratelimit(each) for each in outcome.counts] or None,
    )


def _ratelimit(counted: Counted) -> VerifiedRatelimit:
    planned = counted.planned
    return VerifiedRatelimit(
        exceeded=counted.exceeded,
        id=planned.id,
        name=planned.name,
        limit=planned.limit,
        duration=milliseconds(planned.duration),
        reset=milliseconds(counted.reset),
        remaining=counted.remaining,
        auto_apply=planned.auto_apply,
    )
