"""What is stored of a key, as far as the service decides by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.api.domain.credits import Credits


@dataclass(frozen=True)
class Ratelimit:
    """A rate limit of a key's, or of its identity's.

    Attributes:
        limit: what may be spent within the duration.
        auto_apply: whether it counts where it is not asked for.
    """

    id: str
    name: str
    limit: int
    duration: timedelta
    auto_apply: bool


@dataclass(frozen=True)
class Identity:
    """Whom keys belong to."""

    id: str
    external_id: str
    meta: Mapping[str, Any] | None = None
    ratelimits: tuple[Ratelimit, ...] = ()


@dataclass(frozen=True)
class Key:
    """A key that was not deleted, in an API that was not.

    Attributes:
        start: the beginning of its text.
        expires_at: from then on it is no more valid; aware.
        permissions: by slug, its own and its roles'.
        own_permissions: by slug, without its roles'.
        recoverable: whether its text can be shown again.
        credits: None for as many as one likes.
    """

    id: str
    workspace_id: str
    api_id: str
    keyspace_id: str
    start: str
    created_at: datetime
    name: str | None = None
    meta: Mapping[str, Any] | None = None
    enabled: bool = True
    updated_at: datetime | None = None
    last_used_at: datetime | None = None
    expires_at: datetime | None = None
    permissions: frozenset[str] = frozenset()
    own_permissions: frozenset[str] = frozenset()
    roles: tuple[str, ...] = ()
    recoverable: bool = False
    credits: Credits | None = None
    ratelimits: tuple[Ratelimit, ...] = ()
    identity: Identity | None = None
