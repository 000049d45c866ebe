"""Whether a key is valid for what it is shown for: what is checked, and in which order.

First what costs nobody anything, then the rate limits, then the credits: who is refused by one
check has spent nothing by a later one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pkg.fault import Fault, Kind
from pkg.rbac import Query
from services.api.domain import ratelimits, rights
from services.api.domain.key import Key
from services.api.domain.ratelimits import Counted, Planned, Wanted
from services.api.domain.rights import Right


class Code(StrEnum):
    """What came of it; in the order in which the checks are made, the last ones spend something."""

    NOT_FOUND = "NOT_FOUND"
    DISABLED = "DISABLED"
    EXPIRED = "EXPIRED"
    INSUFFICIENT_PERMISSIONS = "INSUFFICIENT_PERMISSIONS"
    RATE_LIMITED = "RATE_LIMITED"
    USAGE_EXCEEDED = "USAGE_EXCEEDED"
    VALID = "VALID"


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        workspace_id: whose keys there are for it.
        permissions: of its root key.
    """

    workspace_id: str
    permissions: frozenset[str]


@dataclass(frozen=True)
class Asked:
    """What a key is shown for.

    Attributes:
        permissions: that it must have.
        cost: how many credits it costs.
        keyspaces: in one of which it has to be; None for any.
        ratelimits: that count, beside those that always do.
    """

    permissions: Query | None = None
    cost: int = 1
    keyspaces: Collection[str] | None = None
    ratelimits: Sequence[Wanted] = ()


@dataclass(frozen=True)
class Plan:
    """What is still to be spent by a key that is valid so far.

    Attributes:
        limits: of which, all or none.
        cost: credits, after the limits; None if the key has as many as one likes.
    """

    limits: tuple[Planned, ...]
    cost: int | None


def require_anywhere(caller: Caller) -> None:
    """Refuses who may verify no key at all; others learn no more than that a key is not found.

    Raises:
        Fault: the root key has no such permission.
    """
    if not rights.anywhere(caller.permissions, Right.VERIFY_KEY):
        raise Fault(
            Kind.FORBIDDEN,
            "insufficient_permissions",
            f"The root key lacks a permission: it needs {Right.VERIFY_KEY.on()}.",
        )


def check(key: Key | None, caller: Caller, asked: Asked, now: datetime) -> Code | Plan:
    """Makes all checks that spend nothing.

    Args:
        key: the stored one; None if there is none of that text.

    Returns:
        why the key is not valid, or what is to be spent now.

    Raises:
        InvalidRequest: a rate limit is asked for that the key does not have.
    """
    if key is None or not _is_there_for(caller, key, asked):
        return Code.NOT_FOUND
    if not key.enabled:
        return Code.DISABLED
    if key.expires_at is not None and now >= key.expires_at:
        return Code.EXPIRED
    if asked.permissions is not None and not asked.permissions.allows(key.permissions):
        return Code.INSUFFICIENT_PERMISSIONS
    return Plan(ratelimits.plan(key, asked.ratelimits), None if key.credits is None else asked.cost)


def _is_there_for(caller: Caller, key: Key, asked: Asked) -> bool:
    return (
        key.workspace_id == caller.workspace_id
        and (asked.keyspaces is None or key.keyspace_id in asked.keyspaces)
        and Right.VERIFY_KEY.on(key.api_id).allows(caller.permissions)
    )


def after_limits(counts: Sequence[Counted]) -> Code | None:
    """Why the key is not valid, once its limits were counted; None to go on with the credits."""
    return Code.RATE_LIMITED if any(each.exceeded for each in counts) else None


def after_credits(spent: bool) -> Code:
    """What comes of it, once its credits were spent, or were not there."""
    return Code.VALID if spent else Code.USAGE_EXCEEDED
