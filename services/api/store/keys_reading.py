"""Keys as they are found: all of a key in one round trip."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, select, union

from services.api.domain.key import Identity, Key
from services.api.domain.times import moment
from services.api.store import credits as credit_rows
from services.api.store import links, ratelimits
from services.api.store.columns import read_at, read_meta
from services.api.store.tables import (
    apis,
    credits,
    encrypted_keys,
    identities,
    key_permissions,
    key_roles,
    keys,
    role_permissions,
    workspaces,
)


def key_by_digest(
    connection: Connection, digest: bytes, workspace_id: str | None = None
) -> Key | None:
    """The key of that text: neither deleted, nor its API, and its workspace enabled.

    Args:
        workspace_id: only if it is that workspace's; None for any.
    """
    return _one(connection, by_digest(digest, workspace_id))


def key_by_id(connection: Connection, workspace_id: str, key_id: str) -> Key | None:
    """A workspace's key: neither deleted, nor its API."""
    return _one(connection, by_id(workspace_id, key_id))


def lock_key(connection: Connection, workspace_id: str, key_id: str) -> tuple[Key, bytes] | None:
    """The same with its digest. Until the end of the transaction nobody else locks it.

    Nor spends its credits, if it has some.
    """
    query = by_id(workspace_id, key_id).with_for_update(of=[keys, credits])
    found = connection.execute(query).one_or_none()
    return None if found is None else (_key(found), bytes(found.digest))


def list_keys(
    connection: Connection,
    api_id: str,
    *,
    limit: int,
    after: str = "",
    external_id: str | None = None,
) -> Sequence[Key]:
    """An API's keys, in the order of their ids.

    Args:
        after: only those after this id.
        external_id: only those of that identity.
    """
    found = connection.execute(page(api_id, after, external_id).limit(limit))
    return [_key(row) for row in found]


def digest_by_id(connection: Connection, workspace_id: str, key_id: str) -> bytes | None:
    """By what a key is in the caches, also a deleted one."""
    found = connection.scalar(
        select(keys.c.digest).where(keys.c.id == key_id, keys.c.workspace_id == workspace_id)
    )
    return None if found is None else bytes(found)


def digests_of_api(connection: Connection, api_id: str) -> Sequence[bytes]:
    """By what an API's keys are in the caches."""
    query = select(keys.c.digest).where(keys.c.api_id == api_id, keys.c.deleted_at.is_(None))
    return [bytes(each) for each in connection.scalars(query)]


def digests_with_permission(connection: Connection, permission_id: str) -> Sequence[bytes]:
    """By what the keys are in the caches that have a permission, themselves or by a role."""
    own = (
        select(keys.c.digest)
        .join(key_permissions, key_permissions.c.key_id == keys.c.id)
        .where(key_permissions.c.permission_id == permission_id)
    )
    by_role = (
        select(keys.c.digest)
        .join(key_roles, key_roles.c.key_id == keys.c.id)
        .join(role_permissions, role_permissions.c.role_id == key_roles.c.role_id)
        .where(role_permissions.c.permission_id == permission_id)
    )
    return [bytes(each) for each in connection.scalars(union(own, by_role))]


def by_digest(digest: bytes, workspace_id: str | None = None) -> Select[Any]:
    """The query of `key_by_digest`."""
    enabled = workspaces.c.id == keys.c.workspace_id
    query = _query().join(workspaces, enabled)
    query = query.where(keys.c.digest == digest, workspaces.c.enabled)
    return query if workspace_id is None else query.where(keys.c.workspace_id == workspace_id)


def by_id(workspace_id: str, key_id: str) -> Select[Any]:
    """The query of `key_by_id`."""
    return _query().where(keys.c.id == key_id, keys.c.workspace_id == workspace_id)


def page(api_id: str, after: str, external_id: str | None) -> Select[Any]:
    """The query of `list_keys`."""
    query = _query().where(keys.c.api_id == api_id, keys.c.id > after)
    if external_id is not None:
        query = query.where(
            identities.c.external_id == external_id,
            identities.c.workspace_id == apis.c.workspace_id,
        )
    return query.order_by(keys.c.id)


def _query() -> Select[Any]:
    is_recoverable = exists().where(encrypted_keys.c.key_id == keys.c.id)
    return (
        select(
            keys,
            apis.c.keyspace_id,
            identities.c.external_id,
            identities.c.meta.label("identity_meta"),
            credits.c.remaining,
            credits.c.refill_amount,
            credits.c.refill_day,
            credits.c.refilled_at,
            is_recoverable.label("recoverable"),
            links.own_permissions(keys.c.id).label("own"),
            links.role_slugs(keys.c.id).label("by_role"),
            links.role_names(keys.c.id).label("roles"),
            ratelimits.of_owner(keys.c.id).label("key_limits"),
            ratelimits.of_owner(keys.c.identity_id).label("identity_limits"),
        )
        .select_from(keys)
        .join(apis, apis.c.id == keys.c.api_id)
        .outerjoin(identities, identities.c.id == keys.c.identity_id)
        .outerjoin(credits, credits.c.key_id == keys.c.id)
        .where(keys.c.deleted_at.is_(None), apis.c.deleted_at.is_(None))
    )


def _one(connection: Connection, query: Select[Any]) -> Key | None:
    found = connection.execute(query).one_or_none()
    return None if found is None else _key(found)


def _key(row: Row[Any]) -> Key:
    own = links.names(row.own)
    return Key(
        id=row.id,
        workspace_id=row.workspace_id,
        api_id=row.api_id,
        keyspace_id=row.keyspace_id,
        start=row.start,
        created_at=moment(row.created_at),
        name=row.name,
        meta=read_meta(row.meta),
        enabled=row.enabled,
        updated_at=read_at(row.updated_at),
        last_used_at=read_at(row.last_used_at),
        expires_at=read_at(row.expires_at),
        permissions=own | links.names(row.by_role),
        own_permissions=own,
        roles=tuple(sorted(links.names(row.roles))),
        recoverable=bool(row.recoverable),
        credits=None
        if row.remaining is None
        else credit_rows.of(row.remaining, row.refill_amount, row.refill_day, row.refilled_at),
        ratelimits=ratelimits.read(row.key_limits),
        identity=None if row.external_id is None else _identity(row),
    )


def _identity(row: Row[Any]) -> Identity:
    return Identity(
        row.identity_id,
        row.external_id,
        read_meta(row.identity_meta),
        ratelimits.read(row.identity_limits),
    )
