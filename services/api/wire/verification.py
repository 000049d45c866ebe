"""keys.verifyKey: whether a key may do what it is shown for."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from services.api.wire.common import (
    MAX_WINDOW_MS,
    Answer,
    Cost,
    Id,
    Identity,
    Request,
    Success,
    UnitsInstead,
    text,
)
from services.api.wire.keys import KeyText
from services.api.wire.route import Route

Code = Literal[
    "VALID",
    "NOT_FOUND",
    "FORBIDDEN",
    "INSUFFICIENT_PERMISSIONS",
    "USAGE_EXCEEDED",
    "RATE_LIMITED",
    "DISABLED",
    "EXPIRED",
]
Tag = Annotated[str, text(1, 512)]


class VerifyCredits(Request):
    """What the verification costs; 1 unless told."""

    cost: Cost


class VerifyRatelimit(Request):
    """A rate limit that counts in this verification.

    Attributes:
        name: of the key's, or of its identity's; another needs limit and duration.
        cost: what is spent of it.
        limit: instead of the stored one.
        duration: milliseconds, instead of the stored one.
    """

    name: Annotated[str, text(3, 255)]
    cost: Cost = 1
    limit: UnitsInstead | UnsetType = UNSET
    duration: Annotated[int, Meta(ge=1, le=MAX_WINDOW_MS)] | UnsetType = UNSET


class VerifyKeyRequest(Request):
    """A key's text, and what it is shown for.

    Attributes:
        tags: kept with the event, for the analytics.
        permissions: a query, such as a.read AND (b.read OR b.write).
        keyspaces: the key has to be in one of these.
        migration_id: taken for compatibility; there is nothing to migrate from.
    """

    key: KeyText
    tags: Annotated[list[Tag], Meta(max_length=20)] | UnsetType = UNSET
    permissions: Annotated[str, text(1, 1000)] | UnsetType = UNSET
    credits: VerifyCredits | UnsetType = UNSET
    keyspaces: Annotated[list[Id], Meta(max_length=100)] | UnsetType = UNSET
    ratelimits: Annotated[list[VerifyRatelimit], Meta(max_length=50)] | UnsetType = UNSET
    migration_id: Annotated[str, text(0, 256)] | UnsetType = UNSET


class VerifiedRatelimit(Answer):
    """How a rate limit stands after the verification.

    Attributes:
        reset: when it is whole again, in milliseconds since 1970; if it was exceeded, when the
            request can pass at the soonest.
    """

    exceeded: bool
    id: str
    name: str
    limit: int
    duration: int
    reset: int
    remaining: int
    auto_apply: bool


class Verification(Answer):
    """Whether the key is valid, and why not; and what is known of it, unless it is NOT_FOUND."""

    valid: bool
    code: Code
    key_id: str | None = None
    keyspace_id: str | None = None
    name: str | None = None
    meta: dict[str, Any] | None = None
    expires: int | None = None
    credits: int | None = None
    enabled: bool | None = None
    permissions: list[str] | None = None
    roles: list[str] | None = None
    identity: Identity | None = None
    ratelimits: list[VerifiedRatelimit] | None = None


VERIFY_KEY = Route("keys.verifyKey", VerifyKeyRequest, Success[Verification], (404,))
ROUTES = (VERIFY_KEY,)
