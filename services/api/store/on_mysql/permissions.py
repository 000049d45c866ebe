"""Permissions, as operations need them."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection

from pkg.db import Database, DuplicateKey
from services.api.domain.stored import Change, Permission
from services.api.ports import Taken
from services.api.store import permissions
from services.api.store.audit import insert_changes
from services.api.store.columns import as_id
from services.api.store.keys_reading import digests_with_permission


class Permissions:
    """services.api.ports.Permissions on MySQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, workspace_id: str, name: str, *, latest: bool = False) -> Permission | None:
        """The permission of that id, or else of that slug."""
        return self.find_all(workspace_id, [name], latest=latest).get(name)

    def find_all(
        self, workspace_id: str, names: Collection[str], *, latest: bool = False
    ) -> Mapping[str, Permission]:
        """Those that there are of these ids, or else of these slugs. One round trip."""
        return self._db.read(
            lambda connection: permissions.find_permissions(connection, workspace_id, names),
            latest=latest,
        )

    def page(
        self, workspace_id: str, search: str | None, after: str | None, limit: int
    ) -> Sequence[Permission]:
        """In the order of their ids, those that have the text or all."""
        if as_id(after or "") is None:  # a cursor that is none of ours
            return []
        return self._db.read(
            lambda connection: permissions.list_permissions(
                connection, workspace_id, limit=limit, after=after or "", search=search or ""
            )
        )

    def add(self, workspace_id: str, permission: Permission, change: Change) -> None:
        """Stores a new one.

        Raises:
            Taken: the workspace has one of that slug.
        """

        def work(connection: Connection) -> None:
            permissions.insert_permission(connection, workspace_id, permission, change.at)
            insert_changes(connection, [change])

        try:
            self._db.transaction(work)
        except DuplicateKey as error:
            raise Taken from error

    def remove(self, permission: Permission, change: Change) -> Sequence[bytes]:
        """Deletes one, from all keys and roles; returns the digests of the keys that had it."""

        def work(connection: Connection) -> Sequence[bytes]:
            digests = digests_with_permission(connection, permission.id)
            if not permissions.delete_permission(connection, permission.id):
                return []
            insert_changes(connection, [change])
            return digests

        return self._db.transaction(work)
