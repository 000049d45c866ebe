"""APIs: the name spaces of keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from services.api.domain.stored import Api
from services.api.domain.times import milliseconds
from services.api.store.tables import apis


def insert_api(connection: Connection, api: Api, now: datetime) -> None:
    """Makes an API.

    Raises:
        DuplicateKey: its id or its key space is taken.
    """
    connection.execute(
        insert(apis).values(
            id=api.id,
            workspace_id=api.workspace_id,
            keyspace_id=api.keyspace_id,
            name=api.name,
            protected=api.protected,
            created_at=milliseconds(now),
        )
    )


def api_by_id(
    connection: Connection, workspace_id: str, api_id: str, *, lock: bool = False
) -> Api | None:
    """A workspace's API that was not deleted.

    Args:
        lock: until the end of the transaction, nobody deletes it.
    """
    query = by_id(workspace_id, api_id)
    found = connection.execute(query.with_for_update(read=True) if lock else query).one_or_none()
    return None if found is None else read(found)


def by_id(workspace_id: str, api_id: str) -> Select[Any]:
    """The query of `api_by_id`."""
    return select(apis).where(
        apis.c.id == api_id, apis.c.workspace_id == workspace_id, apis.c.deleted_at.is_(None)
    )


def read(row: Row[Any]) -> Api:
    """What a row of the query says."""
    return Api(row.id, row.workspace_id, row.name, row.keyspace_id, row.protected)


def delete_api(connection: Connection, workspace_id: str, api_id: str, now: datetime) -> bool:
    """Deletes an API that is not protected, and with it all its keys; False if there is none.

    The keys stay as they are, and are not found any more: it is one row, however many there are.
    """
    done = connection.execute(
        update(apis)
        .where(
            apis.c.id == api_id,
            apis.c.workspace_id == workspace_id,
            apis.c.deleted_at.is_(None),
            ~apis.c.protected,
        )
        .values(deleted_at=milliseconds(now))
    )
    return done.rowcount > 0
