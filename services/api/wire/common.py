"""What all groups share: how requests and answers are made, and the envelope of an answer.

Names are camelCase on the wire. A request's unknown fields are refused, and no type is taken for
another. A field of a request that may be absent is UNSET then, which is not null: null is taken
only where it means something, such as a name that is removed. A field of an answer that is None by
default is left out then.
"""

from datetime import timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Struct

from pkg.ratelimit.limit import MAX_UNITS, MAX_WINDOW

INT64 = 2**63 - 1
MAX_WINDOW_MS = MAX_WINDOW // timedelta(milliseconds=1)
MAX_PAGE = 100


class Request(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """A request's body, or a part of it."""


class Answer(Struct, rename="camel", omit_defaults=True, kw_only=True):
    """An answer's body, or a part of it."""


def text(least: int, most: int, characters: str = "") -> msgspec.Meta:
    """Bounds of a text: its length in characters, and those it may have, as in a regex's [].

    The pattern is no more than both Python and JSON Schema read alike: Python's $ alone would let
    a line feed follow.
    """
    pattern = f"^[{characters}]*$(?!\\n)" if characters else None
    return msgspec.Meta(min_length=least, max_length=most, pattern=pattern)


WORD = "a-zA-Z0-9_"
Id = Annotated[str, text(3, 255, WORD)]
ExternalId = Annotated[str, text(1, 255, WORD + ".-")]
# A permission's slug, and where its id is taken as well.
Slug = Annotated[str, text(1, 128, WORD + ":.*-")]
Slugs = Annotated[list[Slug], msgspec.Meta(max_length=1000)]
RoleName = Annotated[str, text(1, 128)]
Roles = Annotated[list[RoleName], msgspec.Meta(max_length=100)]
Cursor = Annotated[str, text(0, 1024)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=INT64)]
# Milliseconds since 1970, up to the year 2100; also a duration.
Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=4_102_444_800_000)]
# What a rate limit can count: within a window, in milliseconds.
Units = Annotated[int, msgspec.Meta(ge=1, le=MAX_UNITS)]
Window = Annotated[int, msgspec.Meta(ge=1000, le=MAX_WINDOW_MS)]
# Instead of a stored one: 0 lets nothing through.
UnitsInstead = Annotated[int, msgspec.Meta(ge=0, le=MAX_UNITS)]
Cost = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Properties = Annotated[dict[str, Any], msgspec.Meta(max_length=100)]


class Meta(Answer):
    """What every answer has, also an error.

    Attributes:
        request_id: names the request in the logs.
    """

    request_id: str


class Pagination(Answer):
    """Where a list goes on.

    Attributes:
        has_more: whether there are entries after these.
        cursor: to be given for the next ones; there if there are.
    """

    has_more: bool
    cursor: str | None = None


class Success[T](Answer):
    """An answer's envelope."""

    meta: Meta
    data: T


class Page[T](Answer):
    """The envelope of a part of a list."""

    meta: Meta
    data: list[T]
    pagination: Pagination


class Empty(Answer):
    """It was done, and there is nothing to tell."""


class Health(Answer):
    """That the service answers.

    Attributes:
        message: "OK".
    """

    message: str


class RatelimitRequest(Request):
    """A key's rate limit, as one asks for it.

    Attributes:
        limit: what may be spent within the duration.
        duration: milliseconds.
        auto_apply: whether it counts in each verification, also where it is not asked for.
    """

    name: Annotated[str, text(3, 128)]
    limit: Units
    duration: Window
    auto_apply: bool = False


class Ratelimit(Answer):
    """A rate limit as it is stored."""

    id: str
    name: str
    limit: int
    duration: int
    auto_apply: bool


class Identity(Answer):
    """Whom keys belong to: somebody of the caller's, by the caller's own name for them."""

    id: str
    external_id: str
    meta: dict[str, Any] | None = None
    ratelimits: list[Ratelimit] | None = None


class Permission(Answer):
    """A permission; its slug is what keys hold and queries ask for."""

    id: str
    name: str
    slug: str
    description: str | None = None
