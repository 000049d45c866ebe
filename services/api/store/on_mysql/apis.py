"""APIs, as operations need them."""

from collections.abc import Sequence

from sqlalchemy import Connection

from pkg.db import Database, DuplicateKey
from services.api.domain.stored import Api, Change
from services.api.ports import Taken
from services.api.store.apis import api_by_id, delete_api, insert_api
from services.api.store.audit import insert_changes
from services.api.store.columns import as_id
from services.api.store.keys_reading import digests_of_api


class Apis:
    """services.api.ports.Apis on MySQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, workspace_id: str, api_id: str, *, latest: bool = False) -> Api | None:
        """That API."""
        if as_id(api_id) is None:
            return None
        return self._db.read(
            lambda connection: api_by_id(connection, workspace_id, api_id), latest=latest
        )

    def add(self, api: Api, change: Change) -> None:
        """Stores a new one. Two round trips, and the commit.

        Raises:
            Taken: the workspace has one of that name.
        """

        def work(connection: Connection) -> None:
            insert_api(connection, api, change.at)
            insert_changes(connection, [change])

        try:
            self._db.transaction(work)
        except DuplicateKey as error:
            raise Taken from error

    def remove(self, api: Api, change: Change) -> Sequence[bytes]:
        """Deletes one with all its keys; returns the keys' digests, or nothing if it is gone."""

        def work(connection: Connection) -> Sequence[bytes]:
            if not delete_api(connection, api.workspace_id, api.id, change.at):
                return []
            insert_changes(connection, [change])
            return digests_of_api(connection, api.id)

        return self._db.transaction(work)
