"""Keys as they are made, changed and taken away."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, bindparam, delete, insert, update

from services.api.domain.key import Key
from services.api.domain.times import milliseconds
from services.api.store import credits as credit_rows
from services.api.store.columns import stored_at, stored_meta
from services.api.store.permissions import add_permissions
from services.api.store.ratelimits import insert_ratelimits
from services.api.store.roles import add_roles
from services.api.store.tables import (
    credits,
    encrypted_keys,
    key_permissions,
    key_roles,
    keys,
    ratelimits,
)


def insert_key(
    connection: Connection,
    key: Key,
    digest: bytes,
    *,
    meta: bytes | None = None,
    permission_ids: Sequence[str] = (),
    role_ids: Sequence[str] = (),
    ciphertext: bytes | None = None,
) -> None:
    """Stores a key with all that it has.

    One round trip for the key, and one for each of these that there are: credits, rate limits,
    permissions, roles, ciphertext.

    Args:
        key: its identity is there already; of its permissions and roles, the ids count.
        meta: the key's, if it was encoded already.
        ciphertext: of its text, if it may be shown again.

    Raises:
        DuplicateKey: its id or digest is taken.
    """
    row = _row(key) if meta is None else {**_row(key), "meta": meta.decode()}
    connection.execute(insert(keys).values(id=key.id, digest=digest, **row))
    if key.credits is not None:
        connection.execute(insert(credits).values(key_id=key.id, **credit_rows.row(key.credits)))
    insert_ratelimits(connection, key.id, key.ratelimits)
    add_permissions(connection, key.id, permission_ids)
    add_roles(connection, key.id, role_ids)
    if ciphertext is not None:
        connection.execute(
            insert(encrypted_keys).values(
                key_id=key.id, ciphertext=ciphertext, created_at=milliseconds(key.created_at)
            )
        )


def update_key(connection: Connection, key: Key, meta: bytes | UnsetType | None = UNSET) -> bool:
    """Stores what may change of the key itself; False if it is gone.

    Its credits, rate limits, permissions and roles are set by functions of their own.

    Args:
        meta: encoded; UNSET to leave it as it is.
    """
    changed: dict[str, object] = {}
    if meta is not UNSET:
        changed["meta"] = None if meta is None else meta.decode()
    done = connection.execute(
        update(keys)
        .where(keys.c.id == key.id, keys.c.deleted_at.is_(None))
        .values(
            identity_id=key.identity.id if key.identity else None,
            name=key.name,
            enabled=key.enabled,
            updated_at=stored_at(key.updated_at),
            expires_at=stored_at(key.expires_at),
            **changed,
        )
    )
    return done.rowcount > 0


def touch_keys(connection: Connection, used: Mapping[str, datetime]) -> None:
    """Notes when keys were used last, unless later is noted. A round trip for each."""
    if used:
        statement = (
            update(keys)
            .where(keys.c.id == bindparam("key"))
            .values(last_used_at=bindparam("used"))
            .where(keys.c.last_used_at.is_(None) | (keys.c.last_used_at < bindparam("used")))
        )
        # In one order, so that two who note the same keys do not stop one another.
        rows = [{"key": each, "used": milliseconds(used[each])} for each in sorted(used)]
        connection.execute(statement, rows)


def delete_key(connection: Connection, key_id: str, now: datetime) -> bool:
    """Deletes a key; False if it is gone. What it had is kept."""
    done = connection.execute(
        update(keys)
        .where(keys.c.id == key_id, keys.c.deleted_at.is_(None))
        .values(deleted_at=milliseconds(now))
    )
    return done.rowcount > 0


def remove_key(connection: Connection, key_id: str) -> bool:
    """Removes a key with all that it has; False if it is gone. Audit rows stay."""
    done = connection.execute(delete(keys).where(keys.c.id == key_id))
    if not done.rowcount:
        return False
    for column in (
        credits.c.key_id,
        encrypted_keys.c.key_id,
        key_permissions.c.key_id,
        key_roles.c.key_id,
        ratelimits.c.owner_id,
    ):
        connection.execute(delete(column.table).where(column == key_id))
    return True


def _row(key: Key) -> dict[str, object]:
    return {
        "workspace_id": key.workspace_id,
        "api_id": key.api_id,
        "identity_id": key.identity.id if key.identity else None,
        "start": key.start,
        "name": key.name,
        "meta": stored_meta(key.meta),
        "enabled": key.enabled,
        "created_at": milliseconds(key.created_at),
        "updated_at": stored_at(key.updated_at),
        "last_used_at": stored_at(key.last_used_at),
        "expires_at": stored_at(key.expires_at),
    }
