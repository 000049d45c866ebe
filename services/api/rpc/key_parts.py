"""Parts of keys as requests have them, made into what is stored."""

from collections.abc import Sequence

from pkg import uid
from pkg.clock import Clock
from services.api.domain.faults import Field, InvalidRequest
from services.api.domain.key import Identity, Ratelimit
from services.api.domain.times import duration
from services.api.wire.common import RatelimitRequest


def ratelimits(
    asked: Sequence[RatelimitRequest], clock: Clock, had: Sequence[Ratelimit] = ()
) -> tuple[Ratelimit, ...]:
    """Rate limits; those of a name that there was keep their ids.

    Raises:
        InvalidRequest: a name stands twice.
    """
    names = [each.name for each in asked]
    wrong = [
        Field(f"body.ratelimits[{at}].name", "the name stands twice", "Name each limit once.")
        for at, name in enumerate(names)
        if name in names[:at]
    ]
    if wrong:
        raise InvalidRequest(wrong)
    ids = {each.name: each.id for each in had}
    return tuple(
        Ratelimit(
            ids.get(each.name) or uid.new("rl", clock),
            each.name,
            each.limit,
            duration(each.duration),
            each.auto_apply,
        )
        for each in asked
    )


def identity(external_id: str, clock: Clock) -> Identity:
    """An identity; the store takes the one of that name, if there is one."""
    return Identity(uid.new("id", clock), external_id)
