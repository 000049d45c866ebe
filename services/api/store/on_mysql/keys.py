"""Keys, as operations need them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from msgspec import UNSET
from sqlalchemy import Connection

from pkg.clock import Clock
from pkg.db import Database
from services.api.domain.key import Key
from services.api.domain.stored import Api, Change, Known
from services.api.ports import Changed, KeyUpdate, NewKey
from services.api.store import keys_reading, keys_writing
from services.api.store.audit import insert_changes, new_changes
from services.api.store.columns import as_id
from services.api.store.credits import set_credits, spend_credits
from services.api.store.encrypted import ciphertexts
from services.api.store.known import find_known
from services.api.store.on_mysql import new_keys
from services.api.store.on_mysql.parts import Parts
from services.api.store.permissions import permissions_of_key, set_permissions
from services.api.store.ratelimits import set_ratelimits
from services.api.store.roles import set_roles

# Nobody waits for it, but an instance that stops.
_TOUCH_SECONDS = 2.0


class Keys:
    """services.api.ports.Keys on MySQL."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def by_digest(self, digest: bytes) -> Key | None:
        """The key of that digest, in any workspace that is enabled. One round trip."""
        return self._db.read(lambda connection: keys_reading.key_by_digest(connection, digest))

    def find_by_digest(self, workspace_id: str, digest: bytes) -> Key | None:
        """That key. One round trip, in which no more is read of another workspace's."""
        return self._db.read(
            lambda connection: keys_reading.key_by_digest(connection, digest, workspace_id)
        )

    def find(self, workspace_id: str, key_id: str, *, latest: bool = False) -> Key | None:
        """That key. One round trip."""
        return self._db.read(
            lambda connection: keys_reading.key_by_id(connection, workspace_id, key_id),
            latest=latest,
        )

    def page(
        self, api: Api, external_id: str | None, after: str | None, limit: int
    ) -> Sequence[Key]:
        """Keys of an API in the order of their ids, those of an identity or all. One round trip."""
        if as_id(after or "") is None:  # a cursor that is none of ours
            return []
        return self._db.read(
            lambda connection: keys_reading.list_keys(
                connection, api.id, limit=limit, after=after or "", external_id=external_id
            )
        )

    def ciphertext(self, key_id: str) -> bytes | None:
        """What the vault decrypts to the key's text."""
        return self._db.read(lambda connection: ciphertexts(connection, [key_id])).get(key_id)

    def known(
        self,
        workspace_id: str,
        api_id: str,
        *,
        permissions: Collection[str] = (),
        roles: Collection[str] = (),
        external_id: str | None = None,
    ) -> Known | None:
        """What there is of what a new key names; None if there is no such API. One round trip."""
        return self._db.read(
            lambda connection: find_known(
                connection,
                workspace_id,
                api_id,
                slugs=permissions,
                role_names=roles,
                external_id=external_id,
            ),
            latest=True,
        )

    def add(self, new: NewKey, known: Known, change: Change) -> None:
        """Stores a new key with all that it has. One round trip, and the commit.

        Raises:
            MissingPermissions: there are none of those slugs, and they must not be made.
            MissingRoles: there are none of those names.
        """
        stored = new_keys.statements(new, known, self._clock, change.at)
        self._db.batch([*stored, new_changes([change])])

    def change(
        self, workspace_id: str, key_id: str, work: Callable[[Key], KeyUpdate], change: Change
    ) -> Changed | None:
        """Changes a key, which nobody else changes meanwhile; None if it is not there.

        Raises:
            MissingPermissions: there are none of those slugs, and they must not be made.
            MissingRoles: there are none of those names.
        """
        return self.replace(workspace_id, key_id, lambda key: (work(key), None), change)

    def replace(
        self,
        workspace_id: str,
        key_id: str,
        work: Callable[[Key], tuple[KeyUpdate, NewKey | None]],
        change: Change,
    ) -> Changed | None:
        """Changes a key and stores its successor, with the same own permissions and roles."""

        def do(connection: Connection) -> Changed | None:
            locked = keys_reading.lock_key(connection, workspace_id, key_id)
            if locked is None:
                return None
            key, digest = locked
            update, successor = work(key)
            following = []
            if successor is not None:
                known = _known(connection, successor)
                if known is None:  # its API was deleted meanwhile
                    return None
                following = new_keys.statements(
                    _of_those(successor, known), known, self._clock, change.at
                )
            self._update(connection, key, update, change.at)
            for statement in following:
                connection.execute(statement)
            insert_changes(connection, [change])
            changed = keys_reading.key_by_id(connection, workspace_id, key_id)
            if changed is None:  # its API was deleted meanwhile
                return None
            return Changed(changed, digest, permissions_of_key(connection, key_id))

        return self._db.transaction(do)

    def remove(self, key: Key, permanent: bool, change: Change) -> bytes:
        """Deletes a key, with all that is known of it if `permanent`; returns its digest."""

        def work(connection: Connection) -> bytes:
            digest = keys_reading.digest_by_id(connection, key.workspace_id, key.id)
            if permanent:
                done = keys_writing.remove_key(connection, key.id)
            else:
                done = keys_writing.delete_key(connection, key.id, change.at)
            if done:
                insert_changes(connection, [change])
            return digest or b""

        return self._db.transaction(work)

    def spend(self, key_id: str, cost: int, now: datetime) -> tuple[bool, int | None]:
        """Spends credits. One round trip if there are enough, two if not."""
        spent = self._db.write(lambda connection: spend_credits(connection, key_id, cost, now))
        return spent.done, spent.left

    def touch(self, used: Mapping[str, datetime]) -> None:
        """Notes when keys were used last, unless later is noted. One round trip."""
        self._db.write(
            lambda connection: keys_writing.touch_keys(connection, used), within=_TOUCH_SECONDS
        )

    def _update(
        self, connection: Connection, before: Key, update: KeyUpdate, now: datetime
    ) -> None:
        parts = Parts(connection, before.workspace_id, now, self._clock)
        key = update.key
        if key.identity != before.identity:
            key = parts.with_identity(key)
        keys_writing.update_key(connection, key, update.meta)
        if key.credits != before.credits:
            set_credits(connection, key.id, key.credits)
        if key.ratelimits != before.ratelimits:
            set_ratelimits(connection, key.id, key.ratelimits)
        if update.permissions is not UNSET:
            ids = parts.permissions(update.permissions, update.make_permissions)
            set_permissions(connection, key.id, ids)
        if update.roles is not UNSET:
            set_roles(connection, key.id, parts.roles(update.roles))


def _known(connection: Connection, new: NewKey) -> Known | None:
    key = new.key
    external_id = key.identity.external_id if key.identity else None
    return find_known(
        connection,
        key.workspace_id,
        key.api_id,
        slugs=new.permissions,
        role_names=new.roles,
        external_id=external_id,
    )


def _of_those(new: NewKey, known: Known) -> NewKey:
    """The key with those permissions and roles that there are: others were deleted meanwhile."""
    return replace(
        new, permissions=new.permissions & known.permissions, roles=new.roles & known.roles
    )
