"""Rate limits apart from keys: whatever has a name in a name space may be limited."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from services.api.wire.common import (
    Answer,
    Cost,
    Cursor,
    Empty,
    Page,
    PageSize,
    Request,
    Success,
    Units,
    UnitsInstead,
    Window,
    text,
)
from services.api.wire.route import Route

Namespace = Annotated[str, text(1, 512)]
Identifier = Annotated[str, text(1, 512)]
MAX_DURATION = 30 * 24 * 60 * 60 * 1000


class LimitRequest(Request):
    """Something that is counted.

    Attributes:
        namespace: by name or id; made if it is not there.
        duration: milliseconds.
        identifier: who or what is limited.
        limit: what may be spent within the duration, unless an override says otherwise.
        cost: what is spent.
    """

    namespace: Namespace
    duration: Annotated[int, Meta(ge=1000, le=MAX_DURATION)]
    identifier: Identifier
    limit: Units
    cost: Cost = 1


class Limited(Answer):
    """Whether it may be done.

    Attributes:
        reset: when the limit is whole again, in milliseconds since 1970.
        override_id: of what took the place of the request's limit and duration.
    """

    limit: int
    remaining: int
    reset: int
    success: bool
    override_id: str | None = None


Limits = Annotated[list[LimitRequest], Meta(min_length=1, max_length=100)]


class LimitCheck(Answer):
    """How one of several limits stands."""

    namespace: str
    identifier: str
    limit: int
    remaining: int
    reset: int
    passed: bool
    override_id: str | None = None


class MultiLimited(Answer):
    """Whether all of it may be done, and each limit for itself, in the request's order."""

    passed: bool
    limits: list[LimitCheck]


class SetOverrideRequest(Request):
    """What takes the place of requests' limits.

    Attributes:
        identifier: of whom; each * stands for any characters.
        limit: 0 lets nothing through.
    """

    namespace: Namespace
    duration: Window
    identifier: Identifier
    limit: UnitsInstead


class SetOverride(Answer):
    """The override that was made or changed."""

    override_id: str


class GetOverrideRequest(Request):
    """Which override is asked for: by its identifier as it was set, with each *."""

    namespace: Namespace
    identifier: Identifier


class Override(Answer):
    """What takes the place of requests' limits."""

    override_id: str
    duration: int
    identifier: str
    limit: int


class ListOverridesRequest(Request):
    """A page of a name space's overrides."""

    namespace: Namespace
    cursor: Cursor | UnsetType = UNSET
    limit: PageSize = 10


class DeleteOverrideRequest(Request):
    """Which override goes: by its identifier as it was set, with each *."""

    namespace: Namespace
    identifier: Identifier


LIMIT = Route("ratelimit.limit", LimitRequest, Success[Limited], (404, 410))
MULTI_LIMIT = Route("ratelimit.multiLimit", Limits, Success[MultiLimited], (404, 410))
SET_OVERRIDE = Route("ratelimit.setOverride", SetOverrideRequest, Success[SetOverride], (404,))
GET_OVERRIDE = Route("ratelimit.getOverride", GetOverrideRequest, Success[Override], (404,))
LIST_OVERRIDES = Route("ratelimit.listOverrides", ListOverridesRequest, Page[Override], (404,))
DELETE_OVERRIDE = Route("ratelimit.deleteOverride", DeleteOverrideRequest, Success[Empty], (404,))
ROUTES = (LIMIT, MULTI_LIMIT, SET_OVERRIDE, GET_OVERRIDE, LIST_OVERRIDES, DELETE_OVERRIDE)
