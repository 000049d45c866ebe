"""What requests are about."""

from functools import cached_property

from services.api.domain.credits import Credits
from services.api.domain.key import Identity
from services.api.domain.overrides import Override
from services.api.domain.rights import Right
from services.api.domain.stored import Api, Namespace, Permission
from services.api.testutil.analytics import AnalyticsHarness
from services.api.testutil.seeds import Role, SeededKey


def every(*but: Right) -> list[str]:
    """The permissions for all that one can do, to all things, but for these."""
    return [anywhere(right) for right in Right if right not in but]


def anywhere(right: Right) -> str:
    """The permission to do that to all things."""
    return on(right, "*")


def on(right: Right, thing: str) -> str:
    """The permission to do that to the thing of that id."""
    kind, action = right.split(".")
    return f"{kind}.{thing}.{action}"


class Room:
    """A workspace with one thing of each kind, made when a test first names it."""

    def __init__(self, h: AnalyticsHarness) -> None:
        self._h = h
        self.id = h.create_workspace().id

    def root_key(self, *permissions: str) -> str:
        """The text of a root key; without permissions named, it may do everything."""
        return self._h.create_root_key(self.id, *permissions)

    @property
    def untouched(self) -> bool:
        """Whether no request has changed anything."""
        return not self._h.changes(self.id)

    @cached_property
    def api(self) -> Api:
        """An API."""
        return self._h.create_api(self.id)

    @cached_property
    def key(self) -> SeededKey:
        """A key of the API's that has all that a key can have."""
        return self._h.create_key(
            self.api,
            external_id=self.identity.external_id,
            permissions=[self.permission.slug],
            roles=[self.role.name],
            credits=Credits(10, None, self._h.clock.now()),
            recoverable=True,
        )

    @cached_property
    def plain_key(self) -> SeededKey:
        """A key of the API's that has nothing."""
        return self._h.create_key(self.api)

    @cached_property
    def verified(self) -> SeededKey:
        """A key of the API's that was verified, as the analytics know."""
        key = self._h.create_key(self.api)
        self._h.create_verification(key)
        return key

    @cached_property
    def identity(self) -> Identity:
        """Whom the key belongs to."""
        return self._h.create_identity(self.id)

    @cached_property
    def permission(self) -> Permission:
        """A permission."""
        return self._h.create_permission(self.id)

    @cached_property
    def role(self) -> Role:
        """A role, of no permissions."""
        return self._h.create_role(self.id)

    @cached_property
    def namespace(self) -> Namespace:
        """A name space of rate limits."""
        return self._h.create_namespace(self.id)

    @cached_property
    def override(self) -> Override:
        """An override in the name space."""
        return self._h.create_override(self.namespace)
