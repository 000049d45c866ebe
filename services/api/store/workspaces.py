"""Workspaces: whose all else is."""

from datetime import datetime

from sqlalchemy import Connection, insert, update

from services.api.domain.times import milliseconds
from services.api.store.tables import workspaces


def insert_workspace(connection: Connection, workspace_id: str, name: str, now: datetime) -> None:
    """Makes a workspace.

    Raises:
        DuplicateKey: its id is taken.
    """
    connection.execute(
        insert(workspaces).values(
            id=workspace_id, name=name, enabled=True, created_at=milliseconds(now)
        )
    )


def enable_workspace(connection: Connection, workspace_id: str, enabled: bool) -> bool:
    """Lets a workspace's keys and root keys count, or not; False if there is none."""
    done = connection.execute(
        update(workspaces).where(workspaces.c.id == workspace_id).values(enabled=enabled)
    )
    return done.rowcount > 0
