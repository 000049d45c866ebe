"""Roles: permissions that keys get together."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, Insert, delete, literal, select
from sqlalchemy.dialects.mysql import insert

from services.api.domain.times import milliseconds
from services.api.store.tables import key_roles, role_permissions, roles


def insert_role(
    connection: Connection,
    workspace_id: str,
    role_id: str,
    name: str,
    now: datetime,
    *,
    permission_ids: Collection[str] = (),
    description: str | None = None,
) -> None:
    """Makes a role that gives these permissions.

    Raises:
        DuplicateKey: the workspace has one of that name ("by_name"), or its id is taken.
    """
    connection.execute(
        insert(roles).values(
            id=role_id,
            workspace_id=workspace_id,
            name=name,
            description=description,
            created_at=milliseconds(now),
        )
    )
    if permission_ids:
        rows = [{"role_id": role_id, "permission_id": each} for each in sorted(permission_ids)]
        connection.execute(insert(role_permissions).values(rows))


def roles_by_name(
    connection: Connection, workspace_id: str, names: Collection[str]
) -> Mapping[str, str]:
    """The ids of a workspace's roles, of those names that there are."""
    if not names:
        return {}
    found = connection.execute(
        select(roles.c.name, roles.c.id).where(
            roles.c.workspace_id == workspace_id, roles.c.name.in_(names)
        )
    )
    return {row.name: row.id for row in found}


def add_roles(connection: Connection, key_id: str, ids: Collection[str]) -> None:
    """Roles that a key gets, if it has not got them."""
    if ids:
        rows = [{"key_id": key_id, "role_id": each} for each in sorted(set(ids))]
        added = insert(key_roles).values(rows)
        connection.execute(added.on_duplicate_key_update(key_id=key_roles.c.key_id))


def give_roles(key_id: str, workspace_id: str, names: Collection[str]) -> Insert:
    """The statement that gives a new key roles: those of these names that there are then."""
    found = select(literal(key_id), roles.c.id).where(
        roles.c.workspace_id == workspace_id, roles.c.name.in_(sorted(names))
    )
    return insert(key_roles).from_select(["key_id", "role_id"], found)


def set_roles(connection: Connection, key_id: str, ids: Collection[str]) -> None:
    """All roles that a key has from now on."""
    connection.execute(delete(key_roles).where(key_roles.c.key_id == key_id))
    add_roles(connection, key_id, ids)
