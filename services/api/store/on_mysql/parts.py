"""What a key refers to by name, as ids; made where it may be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from pkg import uid
from pkg.clock import Clock
from services.api.domain.key import Key
from services.api.ports import MissingPermissions, MissingRoles
from services.api.store.identities import ensure_identity
from services.api.store.permissions import ensure_permissions, permissions_by_slug
from services.api.store.roles import roles_by_name


@dataclass(frozen=True)
class Parts:
    """Finds what a workspace's key refers to, in one transaction.

    Attributes:
        clock: gives ids to what is made.
    """

    connection: Connection
    workspace_id: str
    now: datetime
    clock: Clock

    def permissions(self, slugs: Collection[str], make: bool) -> Sequence[str]:
        """The ids of permissions.

        Raises:
            MissingPermissions: there are none of those slugs, and they must not be made.
        """
        if make:
            found = ensure_permissions(
                self.connection,
                self.workspace_id,
                slugs,
                lambda: uid.new("perm", self.clock),
                self.now,
            )
        else:
            found = permissions_by_slug(self.connection, self.workspace_id, slugs)
            if missing := set(slugs) - {each.slug for each in found}:
                raise MissingPermissions(sorted(missing))
        return [each.id for each in found]

    def roles(self, names: Collection[str]) -> Sequence[str]:
        """The ids of roles.

        Raises:
            MissingRoles: there are none of those names.
        """
        found = roles_by_name(self.connection, self.workspace_id, names)
        if missing := set(names) - set(found):
            raise MissingRoles(sorted(missing))
        return list(found.values())

    def with_identity(self, key: Key) -> Key:
        """The key with the workspace's own identity of that external id; made if need be."""
        if key.identity is None:
            return key
        own = ensure_identity(
            self.connection,
            self.workspace_id,
            key.identity.external_id,
            key.identity.id,
            self.now,
        )
        return replace(key, identity=replace(key.identity, id=own))
