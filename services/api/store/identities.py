"""Identities: whom keys belong to."""

from datetime import datetime

from sqlalchemy import Connection, Insert, Select, select
from sqlalchemy.dialects.mysql import insert

from services.api.domain.times import milliseconds
from services.api.store.tables import identities


def ensure_identity(
    connection: Connection, workspace_id: str, external_id: str, new_id: str, now: datetime
) -> str:
    """The id of a workspace's identity; made if it is not there. One round trip, or three.

    Args:
        new_id: its id if it is made.
    """
    query = id_of(workspace_id, external_id)
    if (found := connection.scalar(query)) is not None:
        return str(found)
    connection.execute(new_identity(workspace_id, external_id, new_id, now))
    return str(connection.execute(query).scalar_one())


def id_of(workspace_id: str, external_id: str) -> Select[str]:
    """The query of a workspace's identity's id."""
    return select(identities.c.id).where(
        identities.c.workspace_id == workspace_id, identities.c.external_id == external_id
    )


def new_identity(workspace_id: str, external_id: str, new_id: str, now: datetime) -> Insert:
    """The statement that makes an identity; one that somebody has made since stays as it is."""
    made = insert(identities).values(
        id=new_id, workspace_id=workspace_id, external_id=external_id, created_at=milliseconds(now)
    )
    return made.on_duplicate_key_update(id=identities.c.id)
