"""Which rate limits count in a verification, and how many units of each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pkg.ratelimit import Decision
from services.api.domain.faults import Field, InvalidRequest
from services.api.domain.key import Key, Ratelimit

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Wanted:
    """A limit that a verification asks for.

    Attributes:
        name: of the key's or of its identity's; another needs limit and duration.
        limit: instead of the stored one; 0 lets nothing through.
        duration: instead of the stored one.
    """

    name: str
    cost: int = 1
    limit: int | None = None
    duration: timedelta | None = None


@dataclass(frozen=True)
class Planned:
    """A limit that counts.

    Attributes:
        id: the stored one's; "" if there is none.
        counter: who shares what was used: the same limit of other keys of the identity does, and
            the same limit with another duration does not.
        cost: how many units are used.
    """

    id: str
    name: str
    counter: str
    limit: int
    duration: timedelta
    cost: int
    auto_apply: bool


@dataclass(frozen=True)
class Counted:
    """How a limit stands.

    Attributes:
        reset: when it is whole again; if it was exceeded, when the request can pass at the soonest.
    """

    planned: Planned
    exceeded: bool
    remaining: int
    reset: datetime


def plan(key: Key, wanted: Sequence[Wanted]) -> tuple[Planned, ...]:
    """The limits that count: those that are asked for, and those that always do.

    Raises:
        InvalidRequest: one is not known, or stands twice.
    """
    # The key's own hide its identity's of the same name.
    stored = {limit.name: (owner, limit) for owner, limits in _owners(key) for limit in limits}
    asked = {each.name: each for each in reversed(wanted)}  # the first of each name
    wrong = [
        Field(f"body.ratelimits[{at}].name", "the name stands twice", "Add the costs up.")
        for at, each in enumerate(wanted)
        if asked[each.name] is not each
    ] + [
        Field(
            f"body.ratelimits[{at}].name",
            "the key has no such rate limit",
            "Name one of the key's or of its identity's, or give limit and duration.",
        )
        for at, each in enumerate(wanted)
        if each.name not in stored and (each.limit is None or each.duration is None)
    ]
    if wrong:
        raise InvalidRequest(wrong)
    automatic = [
        Wanted(name)
        for name, (_, limit) in stored.items()
        if limit.auto_apply and name not in asked
    ]
    return tuple(_planned(key, each, stored.get(each.name)) for each in (*wanted, *automatic))


def _owners(key: Key) -> Iterable[tuple[str, tuple[Ratelimit, ...]]]:
    if key.identity is not None:
        yield key.identity.id, key.identity.ratelimits
    yield key.id, key.ratelimits


def _planned(key: Key, wanted: Wanted, stored: tuple[str, Ratelimit] | None) -> Planned:
    owner, limit = stored or (key.id, None)
    units = wanted.limit if wanted.limit is not None else limit.limit if limit else 0
    duration = wanted.duration or (limit.duration if limit else _MILLISECOND)
    return Planned(
        id=limit.id if limit else "",
        name=wanted.name,
        counter=f"{owner}/{wanted.name}/{duration // _MILLISECOND}",
        limit=units,
        duration=duration,
        cost=wanted.cost,
        auto_apply=limit.auto_apply if limit else False,
    )


def counted(planned: Planned, decision: Decision, now: datetime) -> Counted:
    """How a limit stands after the decision.

    Args:
        now: when it was made.
    """
    # The units of this moment are the last to be given back.
    wait = planned.duration if decision.allowed else decision.retry_after
    return Counted(planned, not decision.allowed, max(0, decision.remaining), now + wait)
