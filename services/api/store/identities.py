"""Identities: whom keys belong to."""

from datetime import datetime

from sqlalchemy import Connection, select
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
    by_external_id = select(identities.c.id).where(
        identities.c.workspace_id == workspace_id, identities.c.external_id == external_id
    )
    if (found := connection.scalar(by_external_id)) is not None:
        return str(found)
    made = insert(identities).values(
        id=new_id, workspace_id=workspace_id, external_id=external_id, created_at=milliseconds(now)
    )
    # Somebody may have made it since: then it stays as it is.
    connection.execute(made.on_duplicate_key_update(id=identities.c.id))
    return str(connection.execute(by_external_id).scalar_one())
