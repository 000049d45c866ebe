"""Keys as they are changed and taken away."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import Connection, delete, text, update

from services.api.domain.key import Key
from services.api.domain.times import milliseconds
from services.api.store.columns import stored_at
from services.api.store.tables import (
    credits,
    encrypted_keys,
    key_permissions,
    key_roles,
    keys,
    ratelimits,
)

# Of many keys at once, each by its id: the list is gone through in its order, and no other row is
# locked.
TOUCH = text(
    "UPDATE JSON_TABLE(:used, '$[*]' COLUMNS ("
    " key_id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin PATH '$[0]',"
    " used_at BIGINT PATH '$[1]')) AS used"
    " STRAIGHT_JOIN api_keys ON api_keys.id = used.key_id"
    " SET api_keys.last_used_at = GREATEST(COALESCE(api_keys.last_used_at, 0), used.used_at)"
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
    """Notes when keys were used last, unless later is noted. One round trip."""
    if used:
        # In one order, so that two who note the same keys do not stop one another.
        rows = [(each, milliseconds(used[each])) for each in sorted(used)]
        connection.execute(TOUCH, {"used": msgspec.json.encode(rows).decode()})


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
