"""Who asks: workspaces and root keys."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from services.api import workspaces
from services.api.domain.rights import EVERYTHING
from services.api.store.workspaces import enable_workspace
from services.api.testutil.seeds.seeder import Seeder


@dataclass(frozen=True)
class Workspace:
    """Whose all else is."""

    id: str
    name: str


class Callers(Seeder):
    """Makes workspaces and root keys."""

    def create_workspace(self, name: str | None = None, *, enabled: bool = True) -> Workspace:
        """A workspace.

        Args:
            enabled: whether its keys and root keys count.
        """
        name = name or self.new_name("workspace")

        def work(connection: Connection) -> str:
            made = workspaces.create_workspace(connection, name, self.clock)
            if not enabled:
                enable_workspace(connection, made, False)
            return made

        return Workspace(self.db.transaction(work), name)

    def create_root_key(
        self,
        workspace_id: str,
        *permissions: str,
        enabled: bool = True,
        expires_at: datetime | None = None,
    ) -> str:
        """The text of a root key. Without permissions named, it may do everything.

        Args:
            expires_at: aware; never, unless given.
        """
        return self.db.transaction(
            lambda connection: workspaces.create_root_key(
                connection,
                workspace_id,
                self.clock,
                permissions or EVERYTHING,
                enabled=enabled,
                expires_at=expires_at,
            )
        )
