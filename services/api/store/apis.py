"""APIs: the name spaces of keys."""

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

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
    query = select(apis).where(
        apis.c.id == api_id, apis.c.workspace_id == workspace_id, apis.c.deleted_at.is_(None)
    )
    found = connection.execute(query.with_for_update(read=True) if lock else query).one_or_none()
    if found is None:
        return None
    return Api(found.id, found.workspace_id, found.name, found.keyspace_id, found.protected)


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
