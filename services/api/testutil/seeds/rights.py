"""What keys can have: permissions, and roles."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from services.api.domain.stored import Permission
from services.api.store.permissions import insert_permission
from services.api.store.roles import insert_role
from services.api.testutil.seeds.seeder import Seeder
from services.api.testutil.store import write


@dataclass(frozen=True)
class Role:
    """Permissions that keys get together."""

    id: str
    name: str


class Rights(Seeder):
    """Makes permissions and roles."""

    def create_permission(
        self,
        workspace_id: str,
        slug: str | None = None,
        *,
        name: str = "a permission",
        description: str | None = None,
    ) -> Permission:
        """A permission that no key has yet."""
        slug = slug or self.new_name("permission")
        made = Permission(self.new_id("perm"), name, slug, description)
        write(self.db, insert_permission, workspace_id, made, self.clock.now())
        return made

    def create_role(
        self, workspace_id: str, name: str | None = None, *, permissions: Collection[str] = ()
    ) -> Role:
        """A role that no key has yet.

        Args:
            permissions: that it gives, by slug; made if they are not there.
        """
        made = Role(self.new_id("role"), name or self.new_name("role"))

        def work(connection: Connection) -> None:
            insert_role(
                connection,
                workspace_id,
                made.id,
                made.name,
                self.clock.now(),
                permission_ids=self.permission_ids(connection, workspace_id, permissions),
            )

        self.db.transaction(work)
        return made
