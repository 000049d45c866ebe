"""Name spaces of rate limits."""

from datetime import datetime

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects.mysql import insert

from services.api.domain.stored import Namespace
from services.api.domain.times import milliseconds
from services.api.store.columns import as_id
from services.api.store.tables import namespaces


def find_namespace(connection: Connection, workspace_id: str, wanted: str) -> Namespace | None:
    """A workspace's name space by its id, or else by its name; also a deleted one."""
    found = connection.execute(
        select(namespaces)
        .where(
            namespaces.c.workspace_id == workspace_id,
            or_(namespaces.c.name == wanted, namespaces.c.id == as_id(wanted)),
        )
        .order_by(namespaces.c.name == wanted)  # the one of that id first
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    return Namespace(found.id, found.name, found.deleted_at is not None)


def ensure_namespace(
    connection: Connection, workspace_id: str, namespace: Namespace, now: datetime
) -> Namespace:
    """A workspace's name space of that name, made if there is none, also no deleted one.

    Two round trips.

    Args:
        namespace: the one that is made.
    """
    made = insert(namespaces).values(
        id=namespace.id,
        workspace_id=workspace_id,
        name=namespace.name,
        created_at=milliseconds(now),
    )
    # Somebody may have made it since: then it stays as it is.
    connection.execute(made.on_duplicate_key_update(id=namespaces.c.id))
    found = connection.execute(
        select(namespaces).where(
            namespaces.c.workspace_id == workspace_id, namespaces.c.name == namespace.name
        )
    ).one()
    return Namespace(found.id, found.name, found.deleted_at is not None)


def delete_namespace(
    connection: Connection, workspace_id: str, namespace_id: str, now: datetime
) -> bool:
    """Deletes a name space, whose name stays taken; False if there is none."""
    done = connection.execute(
        update(namespaces)
        .where(
            namespaces.c.id == namespace_id,
            namespaces.c.workspace_id == workspace_id,
            namespaces.c.deleted_at.is_(None),
        )
        .values(deleted_at=milliseconds(now))
    )
    return done.rowcount > 0
