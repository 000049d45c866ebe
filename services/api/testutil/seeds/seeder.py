"""What all seeds need."""

import itertools
from collections.abc import Collection

from sqlalchemy import Connection

from pkg import uid
from pkg.clock import FakeClock
from pkg.db import Database
from services.api.store.permissions import ensure_permissions


class Seeder:
    """Makes things in a database.

    Attributes:
        db: where they are stored.
        clock: tells when they are made.
    """

    db: Database
    clock: FakeClock
    _numbers = itertools.count(1)

    def new_name(self, what: str) -> str:
        """A name that nothing else has: `what` and a number."""
        return f"{what}_{next(self._numbers)}"

    def new_id(self, prefix: str) -> str:
        """An id that nothing else has."""
        return uid.new(prefix, self.clock)

    def permission_ids(
        self, connection: Connection, workspace_id: str, slugs: Collection[str]
    ) -> list[str]:
        """The ids of permissions; those that are not there are made."""
        found = ensure_permissions(
            connection, workspace_id, slugs, lambda: self.new_id("perm"), self.clock.now()
        )
        return [each.id for each in found]
