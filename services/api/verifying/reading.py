"""What a request to verify a key asks for."""

from collections.abc import Sequence

from msgspec import UNSET

from pkg.rbac import InvalidQuery, Query, parse
from services.api.domain.faults import invalid
from services.api.domain.ratelimits import Wanted
from services.api.domain.times import duration
from services.api.domain.verification import Asked
from services.api.wire.verification import VerifyKeyRequest, VerifyRatelimit


def asked(request: VerifyKeyRequest) -> Asked:
    """What a request asks for.

    Raises:
        InvalidRequest: its permissions are no query.
    """
    return Asked(
        permissions=None if request.permissions is UNSET else _query(request.permissions),
        cost=1 if request.credits is UNSET else request.credits.cost,
        keyspaces=None if request.keyspaces is UNSET else frozenset(request.keyspaces),
        ratelimits=() if request.ratelimits is UNSET else _wanted(request.ratelimits),
    )


def _query(text: str) -> Query:
    try:
        return parse(text)
    except InvalidQuery as error:
        raise invalid(
            "body.permissions",
            f"it is no query, from character {error.at + 1} on",
            "Give permissions with AND, OR and parentheses, such as a.read AND (b OR c).",
        ) from error


def _wanted(limits: Sequence[VerifyRatelimit]) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(
            each.name,
            each.cost,
            None if each.limit is UNSET else each.limit,
            None if each.duration is UNSET else duration(each.duration),
        )
        for each in limits
    )
