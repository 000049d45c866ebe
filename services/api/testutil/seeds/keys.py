"""APIs, keys, and whom keys belong to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from services.api.domain import secret
from services.api.domain.key import Identity, Key, Ratelimit
from services.api.domain.stored import Api
from services.api.rpc.recovery import Vault, ciphertext
from services.api.store.apis import insert_api
from services.api.store.identities import ensure_identity
from services.api.store.ratelimits import insert_ratelimits
from services.api.testutil.seeds.seeder import Seeder
from services.api.testutil.store import insert_key, write

_BYTES = 16


@dataclass(frozen=True)
class SeededKey:
    """A key, with its text.

    Attributes:
        key: as it was stored.
        text: what its owner shows.
    """

    key: Key
    text: str = field(repr=False)

    @property
    def id(self) -> str:
        """The key's."""
        return self.key.id


class Keys(Seeder):
    """Makes APIs, keys and identities.

    Attributes:
        vault: encrypts keys that may be shown again.
    """

    vault: Vault

    def create_api(
        self, workspace_id: str, name: str | None = None, *, protected: bool = False
    ) -> Api:
        """An API, without keys."""
        made = Api(
            self.new_id("api"),
            workspace_id,
            name or self.new_name("api"),
            self.new_id("ks"),
            protected,
        )
        write(self.db, insert_api, made, self.clock.now())
        return made

    def create_key(
        self,
        api: Api,
        *,
        prefix: str = "",
        external_id: str | None = None,
        permissions: Collection[str] = (),
        roles: Collection[str] = (),
        recoverable: bool = False,
        **fields: Any,
    ) -> SeededKey:
        """A key that is valid for ever, and for everything that needs no permission.

        Args:
            external_id: of the identity that it belongs to; made if it is not there.
            permissions: its own, by slug; made if they are not there.
            roles: by name; they have to be there.
            recoverable: whether it may be shown again.
            fields: of services.api.domain.key's Key: credits, enabled, expires_at, meta, name,
                ratelimits.
        """
        made = secret.new(prefix, _BYTES)
        key = Key(
            id=self.new_id("key"),
            workspace_id=api.workspace_id,
            api_id=api.id,
            keyspace_id=api.keyspace_id,
            start=made.start,
            created_at=self.clock.now(),
            recoverable=recoverable,
            **fields,
        )
        hidden = ciphertext(self.vault, api.workspace_id, made.text) if recoverable else None

        def work(connection: Connection) -> Key:
            whole = key
            if external_id is not None:
                found = self._identity(connection, api.workspace_id, external_id)
                whole = replace(key, identity=found)
            self.permission_ids(connection, api.workspace_id, permissions)
            insert_key(
                connection,
                whole,
                made.digest,
                permissions=permissions,
                roles=roles,
                ciphertext=hidden,
            )
            return whole

        return SeededKey(self.db.transaction(work), made.text)

    def create_identity(
        self,
        workspace_id: str,
        external_id: str | None = None,
        *,
        ratelimits: Sequence[Ratelimit] = (),
    ) -> Identity:
        """Somebody whom keys can belong to.

        Args:
            ratelimits: that all its keys share.
        """
        name = external_id or self.new_name("user")

        def work(connection: Connection) -> Identity:
            made = self._identity(connection, workspace_id, name)
            insert_ratelimits(connection, made.id, ratelimits)
            return replace(made, ratelimits=tuple(ratelimits))

        return self.db.transaction(work)

    def _identity(self, connection: Connection, workspace_id: str, external_id: str) -> Identity:
        new_id = self.new_id("id")
        found = ensure_identity(connection, workspace_id, external_id, new_id, self.clock.now())
        return Identity(found, external_id)
