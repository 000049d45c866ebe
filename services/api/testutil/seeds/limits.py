"""Name spaces of rate limits, and overrides."""

from datetime import timedelta

from sqlalchemy import Connection

from services.api.domain.overrides import Override
from services.api.domain.stored import Namespace
from services.api.store.namespaces import delete_namespace, ensure_namespace
from services.api.store.overrides import set_override
from services.api.testutil.seeds.seeder import Seeder
from services.api.testutil.store import write


class Limits(Seeder):
    """Makes name spaces of rate limits, and overrides."""

    def create_namespace(
        self, workspace_id: str, name: str | None = None, *, deleted: bool = False
    ) -> Namespace:
        """A name space, without overrides.

        Args:
            deleted: whether it was there, and is gone.
        """
        made = Namespace(self.new_id("rlns"), name or self.new_name("namespace"), deleted)

        def work(connection: Connection) -> None:
            now = self.clock.now()
            ensure_namespace(connection, workspace_id, made, now)
            if deleted:
                delete_namespace(connection, workspace_id, made.id, now)

        self.db.transaction(work)
        return made

    def create_override(
        self,
        namespace: Namespace,
        pattern: str | None = None,
        *,
        limit: int = 10,
        duration: timedelta = timedelta(minutes=1),
    ) -> Override:
        """What takes the place of requests' limits.

        Args:
            pattern: of identifiers; one that nobody else has, unless given.
        """
        pattern = pattern or self.new_name("user")
        made = Override(self.new_id("rlor"), pattern, limit, duration)
        write(self.db, set_override, namespace.id, made, self.clock.now())
        return made
