"""Permissions, and which keys have them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Row, Select, delete, false, literal, or_, select
from sqlalchemy.dialects.mysql import insert

from services.api.domain.stored import Permission
from services.api.domain.times import milliseconds
from services.api.store.columns import as_id
from services.api.store.tables import key_permissions, permissions, role_permissions

_ANY_CASE = "utf8mb4_0900_as_ci"


def insert_permission(
    connection: Connection, workspace_id: str, permission: Permission, now: datetime
) -> None:
    """Makes a permission.

    Raises:
        DuplicateKey: the workspace has one of that slug ("by_slug"), or its id is taken.
    """
    connection.execute(insert(permissions).values(_row(workspace_id, permission, now)))


def find_permissions(
    connection: Connection, workspace_id: str, wanted: Collection[str]
) -> Mapping[str, Permission]:
    """A workspace's permissions by their ids, or else by their slugs; without those that are not
    there.

    One round trip.

    Args:
        wanted: at least one.
    """
    ids = [each for each in wanted if as_id(each) is not None]
    rows = connection.execute(
        _of(workspace_id).where(or_(permissions.c.slug.in_(wanted), permissions.c.id.in_(ids)))
    )
    found = [_permission(row) for row in rows]
    named = {each.slug: each for each in found} | {each.id: each for each in found}
    return {name: named[name] for name in wanted if name in named}


def permissions_by_slug(
    connection: Connection, workspace_id: str, slugs: Collection[str]
) -> Sequence[Permission]:
    """A workspace's permissions, of those slugs that there are; by slug.

    One round trip, or none for none.
    """
    if not slugs:
        return []
    query = _of(workspace_id).where(permissions.c.slug.in_(slugs)).order_by(permissions.c.slug)
    return [_permission(row) for row in connection.execute(query)]


def list_permissions(
    connection: Connection, workspace_id: str, *, limit: int, after: str = "", search: str = ""
) -> Sequence[Permission]:
    """A workspace's permissions, in the order of their ids.

    Args:
        after: only those after this id.
        search: only those with this in their id, name, slug or description, in any case.
    """
    query = _of(workspace_id).where(permissions.c.id > after)
    if search:
        columns = permissions.c
        query = query.where(
            or_(
                *(
                    column.collate(_ANY_CASE).contains(search, autoescape=True)
                    for column in (columns.slug, columns.name, columns.description)
                ),
                columns.id.contains(search.lower(), autoescape=True)
                if search.isascii()
                else false(),
            )
        )
    found = connection.execute(query.order_by(permissions.c.id).limit(limit))
    return [_permission(row) for row in found]


def ensure_permissions(
    connection: Connection,
    workspace_id: str,
    slugs: Collection[str],
    new_id: Callable[[], str],
    now: datetime,
) -> Sequence[Permission]:
    """A workspace's permissions of these slugs, made if they are not there; by slug.

    No round trip for none, one if all are there, else three.

    Args:
        new_id: an id for one that is made.
    """
    found = permissions_by_slug(connection, workspace_id, slugs)
    if missing := set(slugs) - {each.slug for each in found}:
        connection.execute(new_permissions(workspace_id, missing, new_id, now))
        found = permissions_by_slug(connection, workspace_id, slugs)
    return found


def new_permissions(
    workspace_id: str, slugs: Collection[str], new_id: Callable[[], str], now: datetime
) -> Insert:
    """The statement that makes permissions; those that somebody has made since stay as they are.

    Args:
        slugs: at least one.
        new_id: an id for each.
    """
    # In one order, so that two who make the same ones do not stop one another.
    rows = [_row(workspace_id, Permission(new_id(), slug, slug), now) for slug in sorted(slugs)]
    return insert(permissions).values(rows).on_duplicate_key_update(id=permissions.c.id)


def delete_permission(connection: Connection, permission_id: str) -> bool:
    """Takes a permission away, also from all keys and roles; False if there is none."""
    done = connection.execute(delete(permissions).where(permissions.c.id == permission_id))
    for table in (key_permissions, role_permissions):
        connection.execute(delete(table).where(table.c.permission_id == permission_id))
    return done.rowcount > 0


def permissions_of_key(connection: Connection, key_id: str) -> Sequence[Permission]:
    """Those that a key has without its roles, by slug."""
    query = (
        select(permissions)
        .join(key_permissions, key_permissions.c.permission_id == permissions.c.id)
        .where(key_permissions.c.key_id == key_id)
        .order_by(permissions.c.slug)
    )
    return [_permission(row) for row in connection.execute(query)]


def add_permissions(connection: Connection, key_id: str, ids: Collection[str]) -> None:
    """Permissions that a key gets, if it has not got them."""
    if ids:
        rows = [{"key_id": key_id, "permission_id": each} for each in sorted(set(ids))]
        added = insert(key_permissions).values(rows)
        connection.execute(added.on_duplicate_key_update(key_id=key_permissions.c.key_id))


def give_permissions(key_id: str, workspace_id: str, slugs: Collection[str]) -> Insert:
    """The statement that gives a new key permissions: those of these slugs that there are then."""
    found = select(literal(key_id), permissions.c.id).where(
        permissions.c.workspace_id == workspace_id, permissions.c.slug.in_(sorted(slugs))
    )
    return insert(key_permissions).from_select(["key_id", "permission_id"], found)


def remove_permissions(connection: Connection, key_id: str, ids: Collection[str]) -> None:
    """Permissions that a key has no more."""
    if ids:
        connection.execute(
            delete(key_permissions).where(
                key_permissions.c.key_id == key_id, key_permissions.c.permission_id.in_(ids)
            )
        )


def set_permissions(connection: Connection, key_id: str, ids: Collection[str]) -> None:
    """All that a key has from now on, without its roles."""
    connection.execute(delete(key_permissions).where(key_permissions.c.key_id == key_id))
    add_permissions(connection, key_id, ids)


def _of(workspace_id: str) -> Select[Any]:
    return select(permissions).where(permissions.c.workspace_id == workspace_id)


def _row(workspace_id: str, permission: Permission, now: datetime) -> dict[str, object]:
    return {
        "id": permission.id,
        "workspace_id": workspace_id,
        "slug": permission.slug,
        "name": permission.name,
        "description": permission.description,
        "created_at": milliseconds(now),
    }


def _permission(row: Row[Any]) -> Permission:
    return Permission(row.id, row.name, row.slug, row.description)
