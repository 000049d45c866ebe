"""What is stored beside keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Api:
    """A name space of keys.

    Attributes:
        keyspace_id: of the keys in it.
        protected: whether it must not be deleted.
    """

    id: str
    workspace_id: str
    name: str
    keyspace_id: str
    protected: bool = False


@dataclass(frozen=True)
class Permission:
    """A permission that keys can have; queries ask for its slug."""

    id: str
    name: str
    slug: str
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What there is of what a new key names.

    Attributes:
        api: that it is for.
        permissions: by slug.
        roles: by name.
        identity_id: of its identity; None if that is not there.
    """

    api: Api
    permissions: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    identity_id: str | None = None


@dataclass(frozen=True)
class Namespace:
    """A name space of rate limits.

    Attributes:
        deleted: it was there, and is gone.
    """

    id: str
    name: str
    deleted: bool = False


@dataclass(frozen=True)
class RootKey:
    """What lets callers in.

    Attributes:
        workspace_id: whose things it is for.
        permissions: what it may do, such as api.*.create_key.
        expires_at: from then on it lets nobody in; aware.
    """

    id: str
    workspace_id: str
    permissions: frozenset[str]
    enabled: bool = True
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Change:
    """An audit row: who has done what to what. No secret is in it.

    Attributes:
        actor_id: the root key's.
        event: such as key.create.
        target_id: what was changed.
        request_id: the request's that asked for it.
        details: more of it, such as the names of the fields that changed.
    """

    id: str
    workspace_id: str
    actor_id: str
    event: str
    target_id: str
    at: datetime
    request_id: str
    details: Mapping[str, Any] = field(default_factory=dict)
