"""The store's database, for tests, and things in it."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Concatenate

from sqlalchemy import Connection

from pkg.clock import SystemClock
from pkg.db import Config, Database, Timeouts
from pkg.db.given import Given, server_of
from services.api.domain import secret
from services.api.domain.key import Key
from services.api.domain.stored import Api, Change
from services.api.store.apis import insert_api
from services.api.store.keys_writing import insert_key
from services.api.store.workspaces import insert_workspace

WORKSPACE = "ws_1"
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


def store_key(db: Database, key: Key, **links: Any) -> bytes:
    """Stores a key; its digest."""
    digest = secret.digest(key.id)
    write(db, insert_key, key, digest, **links)
    return digest


def a_change(key: Key, now: datetime) -> Change:
    """An audit row of a key's making."""
    return Change(
        f"aud_{key.id}", WORKSPACE, "root_1", "key.create", key.id, now, "req_1", {"fields": []}
    )


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
