"""Name spaces of rate limits."""

from datetime import datetime

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects.mysql import insert

from services.api.domain.stored import Namespace
from services.api.domain.times import milliseconds
from services.api.store.columns import as_id
from services.api.store.tables import namespaces


def find_namespace(connection: Connection, workspace_id: str, wanted: str) -> Namespace | None:
    """A workspace's name space by its name or its id, also a deleted one.

    By its name, if it is one's name and another's id.
    """
    found = connection.execute(
        select(namespaces)
        .where(
            namespaces.c.workspace_id == workspace_id,
            or_(namespaces.c.name == wanted, namespaces.c.id == as_id(wanted)),
        )
        .order_by(namespaces.c.name != wanted)
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    return Namespace(found.id, found.name, found.deleted_at is not None)


def ensure_namespace(
    connection: Connection, workspace_id: str, name: str, new_id: str, now: datetime
) -> Namespace:
    """A workspace's name space, made if there is none of that name or id, also no deleted one.

    One round trip, or three.

    Args:
        new_id: its id if it is made.
    """
    if (found := find_namespace(connection, workspace_id, name)) is not None:
        return found
    made = insert(namespaces).values(
        id=new_id, workspace_id=workspace_id, name=name, created_at=milliseconds(now)
    )
    # Somebody may have made it since: then it stays as it is.
    connection.execute(made.on_duplicate_key_update(id=namespaces.c.id))
    found = find_namespace(connection, workspace_id, name)
    assert found is not None
    return found


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
