"""Name spaces of rate limits and their overrides, as operations need them."""

from collections.abc import Sequence

from sqlalchemy import Connection

from pkg.db import Database
from services.api.domain.overrides import Override
from services.api.domain.stored import Change, Namespace
from services.api.store import overrides
from services.api.store.audit import insert_changes
from services.api.store.columns import as_id
from services.api.store.namespaces import ensure_namespace, find_namespace


class Namespaces:
    """services.api.ports.Namespaces on MySQL."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, workspace_id: str, name: str, *, latest: bool = False) -> Namespace | None:
        """The name space of that id, or else of that name."""
        return self._db.read(
            lambda connection: find_namespace(connection, workspace_id, name), latest=latest
        )

    def add(self, workspace_id: str, namespace: Namespace, change: Change) -> Namespace:
        """Stores a new one, or returns the one that somebody else has stored meanwhile."""

        def work(connection: Connection) -> Namespace:
            found = ensure_namespace(connection, workspace_id, namespace, change.at)
            if found.id == namespace.id:
                insert_changes(connection, [change])
            return found

        return self._db.transaction(work)

    def override(self, namespace_id: str, pattern: str) -> Override | None:
        """The override of that very pattern, as it is now."""
        return self._db.read(
            lambda connection: overrides.override_by_pattern(connection, namespace_id, pattern),
            latest=True,
        )

    def overrides(self, namespace_id: str) -> Sequence[Override]:
        """All of a name space."""
        return self._db.read(lambda connection: overrides.list_overrides(connection, namespace_id))

    def page(self, namespace_id: str, after: str | None, limit: int) -> Sequence[Override]:
        """Overrides of a name space in the order of their ids."""
        if as_id(after or "") is None:  # a cursor that is none of ours
            return []
        return self._db.read(
            lambda connection: overrides.list_overrides(
                connection, namespace_id, limit=limit, after=after or ""
            )
        )

    def set(self, namespace_id: str, override: Override, change: Change) -> str:
        """Stores an override, or changes the one of that pattern; returns the id that it has."""

        def work(connection: Connection) -> str:
            insert_changes(connection, [change])
            return overrides.set_override(connection, namespace_id, override, change.at)

        return self._db.transaction(work)

    def unset(self, namespace_id: str, override: Override, change: Change) -> None:
        """Deletes an override."""

        def work(connection: Connection) -> None:
            if overrides.delete_override(connection, namespace_id, override.pattern):
                insert_changes(connection, [change])

        self._db.transaction(work)
