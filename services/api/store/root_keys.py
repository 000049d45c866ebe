"""Root keys: what lets callers in."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, insert, select

from services.api.domain.stored import RootKey
from services.api.domain.times import milliseconds
from services.api.store.columns import read_at, stored_at
from services.api.store.tables import root_keys, workspaces


def insert_root_key(
    connection: Connection,
    key: RootKey,
    digest: bytes,
    *,
    start: str,
    now: datetime,
    name: str | None = None,
) -> None:
    """Stores a root key.

    Raises:
        DuplicateKey: its id or digest is taken.
    """
    connection.execute(
        insert(root_keys).values(
            id=key.id,
            workspace_id=key.workspace_id,
            digest=digest,
            start=start,
            name=name,
            permissions=msgspec.json.encode(sorted(key.permissions)).decode(),
            enabled=key.enabled,
            created_at=milliseconds(now),
            expires_at=stored_at(key.expires_at),
        )
    )


def root_key_by_digest(connection: Connection, digest: bytes) -> RootKey | None:
    """The root key of that text, if its workspace is enabled. One round trip."""
    found = connection.execute(
        select(root_keys)
        .join(workspaces, workspaces.c.id == root_keys.c.workspace_id)
        .where(root_keys.c.digest == digest, workspaces.c.enabled)
    ).one_or_none()
    if found is None:
        return None
    return RootKey(
        id=found.id,
        workspace_id=found.workspace_id,
        permissions=msgspec.json.decode(found.permissions, type=frozenset[str]),
        enabled=found.enabled,
        expires_at=read_at(found.expires_at),
    )


def delete_root_key(connection: Connection, workspace_id: str, root_key_id: str) -> bool:
    """Takes a root key away; False if there is none."""
    done = connection.execute(
        delete(root_keys).where(
            root_keys.c.id == root_key_id, root_keys.c.workspace_id == workspace_id
        )
    )
    return done.rowcount > 0
