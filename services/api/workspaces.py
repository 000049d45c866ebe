"""How one begins: a workspace, and root keys that let callers into it."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from pkg import uid
from pkg.clock import Clock
from pkg.db import Database
from services.api.domain import secret
from services.api.domain.rights import EVERYTHING
from services.api.domain.stored import RootKey
from services.api.store.root_keys import insert_root_key
from services.api.store.workspaces import insert_workspace

_ROOT_KEY_BYTES = 32


def new_workspace(db: Database, name: str, clock: Clock) -> tuple[str, str]:
    """Makes a workspace; returns its id, and the text of a root key that may do everything."""

    def work(connection: Connection) -> tuple[str, str]:
        workspace_id = create_workspace(connection, name, clock)
        return workspace_id, create_root_key(connection, workspace_id, clock)

    return db.transaction(work)


def create_workspace(connection: Connection, name: str, clock: Clock) -> str:
    """Makes a workspace; returns its id."""
    made = uid.new("ws", clock)
    insert_workspace(connection, made, name, clock.now())
    return made


def create_root_key(
    connection: Connection,
    workspace_id: str,
    clock: Clock,
    permissions: Collection[str] = EVERYTHING,
    *,
    enabled: bool = True,
    expires_at: datetime | None = None,
) -> str:
    """Makes a root key; returns its text, which is stored nowhere.

    Args:
        expires_at: from then on it lets nobody in; aware.
    """
    made = secret.new("root", _ROOT_KEY_BYTES)
    key = RootKey(uid.new("root", clock), workspace_id, frozenset(permissions), enabled, expires_at)
    insert_root_key(connection, key, made.digest, start=made.start, now=clock.now())
    return made.text
