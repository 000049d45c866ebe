"""The store's database, for tests, and things in it."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Concatenate

from sqlalchemy import Connection, select

from pkg.clock import SystemClock
from pkg.db import Config, Database, Timeouts
from pkg.db.given import Given, server_of
from services.api.domain import secret
from services.api.domain.key import Key
from services.api.domain.stored import Api, Change
from services.api.ports import Keys, NewKey
from services.api.store.apis import insert_api
from services.api.store.audit import list_changes
from services.api.store.new_keys import new_key
from services.api.store.tables import (
    changes,
    credits,
    encrypted_keys,
    key_permissions,
    key_roles,
    keys,
    ratelimits,
)
from services.api.store.workspaces import insert_workspace

WORKSPACE = "ws_1"
# Where a key with everything has rows: its own, its parts', and what tells that it was made.
_OF_KEYS = (
    keys.c.id,
    credits.c.key_id,
    encrypted_keys.c.key_id,
    key_permissions.c.key_id,
    key_roles.c.key_id,
    ratelimits.c.owner_id,
    changes.c.target_id,
)
API = Api("api_1", WORKSPACE, "payments", "ks_1")
_numbers = itertools.count(1)


def database(given: Given, timeouts: Timeouts | None = None) -> Database:
    """The database on a test's server, by the machine's clock."""
    config = Config(primary=server_of(given), timeouts=timeouts or Timeouts())
    return Database(config, clock=SystemClock())


def with_api(given: Given, now: datetime, timeouts: Timeouts | None = None) -> Database:
    """The same, with a workspace and an API in it."""
    db = database(given, timeouts)

    def work(connection: Connection) -> None:
        insert_workspace(connection, WORKSPACE, "acme", now)
        insert_api(connection, API, now)

    db.transaction(work)
    return db


def a_key(now: datetime, **changes: Any) -> Key:
    """A key of the API, that has nothing."""
    made = Key(
        id=f"key_{next(_numbers):06}",
        workspace_id=WORKSPACE,
        api_id=API.id,
        keyspace_id=API.keyspace_id,
        start="abcd",
        created_at=now,
    )
    return replace(made, **changes)


def insert_key(connection: Connection, /, key: Key, digest: bytes, **parts: Any) -> None:
    """Stores a key with what `new_key` takes, a statement at a time."""
    for statement in new_key(key, digest, **parts):
        connection.execute(statement)


def store_key(db: Database, key: Key, **parts: Any) -> bytes:
    """Stores a key; its digest."""
    digest = secret.digest(key.id)
    write(db, insert_key, key, digest, **parts)
    return digest


def add_key(into: Keys, new: NewKey, change: Change) -> None:
    """Stores a key as keys.createKey does: what it names is looked up first."""
    key = new.key
    known = into.known(
        key.workspace_id,
        key.api_id,
        permissions=new.permissions,
        roles=new.roles,
        external_id=key.identity.external_id if key.identity else None,
    )
    assert known is not None
    into.add(new, known, change)


def parts_of_keys(db: Database) -> dict[str, set[str]]:
    """By table, the ids of the keys of which there is something."""
    with db.read() as connection:
        return {column.table.name: set(connection.scalars(select(column))) for column in _OF_KEYS}


def a_change(key: Key, now: datetime) -> Change:
    """An audit row of a key's making."""
    return Change(
        f"aud_{key.id}", WORKSPACE, "root_1", "key.create", key.id, now, "req_1", {"fields": []}
    )


def wanted_key(key: Key, **parts: Any) -> NewKey:
    """What the store is given for a key that an operation has made."""
    return NewKey(key=key, digest=secret.digest(key.id), **parts)


def ids(of: Sequence[Any]) -> list[str]:
    """The ids of things."""
    return [each.id for each in of]


def write[**P, T](
    db: Database,
    function: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **given: P.kwargs,
) -> T:
    """Calls a function of the store in a transaction."""
    return db.transaction(lambda connection: function(connection, *args, **given))


def read[**P, T](
    db: Database,
    function: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **given: P.kwargs,
) -> T:
    """Calls a function of the store that only reads."""
    return db.read(lambda connection: function(connection, *args, **given))


def single[**P, T](
    db: Database,
    function: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **given: P.kwargs,
) -> T:
    """Calls a function of the store whose one statement is committed as it ends."""
    return db.write(lambda connection: function(connection, *args, **given))


def noted(db: Database) -> list[str]:
    """The ids of the workspace's audit rows."""
    return ids(read(db, list_changes, WORKSPACE, limit=100))
