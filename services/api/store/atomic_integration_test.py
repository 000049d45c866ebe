"""What belongs together is stored together, whoever is killed; and in few round trips."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, select

from pkg.clock import FakeClock
from pkg.db import Database, OutcomeUnknown, Timeouts, Unavailable
from pkg.dockertest import Scope
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.testutil import eventually
from services.api.domain import secret
from services.api.domain.credits import Credits
from services.api.domain.key import Key, Ratelimit
from services.api.store.audit import insert_changes
from services.api.store.credits import spend_credits
from services.api.store.keys_reading import key_by_digest
from services.api.store.keys_writing import insert_key
from services.api.store.schema import SCHEMA
from services.api.store.tables import (
    changes,
    credits,
    encrypted_keys,
    key_permissions,
    key_roles,
    keys,
    ratelimits,
)
from services.api.testutil.store import a_change, a_key, read, single, with_api

QUICK = Timeouts(connect=1, read=4, write=4, select=2, lock=2, operation=5)
COLUMNS = (
    keys.c.id,
    credits.c.key_id,
    encrypted_keys.c.key_id,
    key_permissions.c.key_id,
    key_roles.c.key_id,
    ratelimits.c.owner_id,
    changes.c.target_id,
)


def a_full_key(now: datetime) -> Key:
    key = a_key(now)
    limit = Ratelimit(f"rl_{key.id}", "requests", 1, timedelta(minutes=1), True)
    return replace(key, credits=Credits(1, None, now), ratelimits=(limit,), recoverable=True)


def create(db: Database, key: Key, now: datetime) -> None:
    def work(connection: Connection) -> None:
        insert_key(
            connection,
            key,
            secret.digest(key.id),
            permission_ids=["perm_1"],
            role_ids=["role_1"],
            ciphertext=b"cipher",
        )
        insert_changes(connection, [a_change(key, now)])

    db.transaction(work)


@pytest.mark.parametrize("fault", ["killed", "reset"])
def test_a_key_is_stored_with_all_its_rows_or_none(
    dockertest: Scope, clock: FakeClock, fault: str
) -> None:
    """Whenever the server is killed, or the line breaks; what was said to be done is done."""
    server = dockertest.start(MySQL(schema=SCHEMA).proxied())
    now = clock.now()
    tried: set[str] = set()
    done: set[str] = set()
    with with_api(server, now, QUICK) as db:
        stop = threading.Event()

        def has(goal: int) -> bool:
            return len(done) > goal

        def keep_going() -> None:
            while not stop.is_set():
                key = a_full_key(now)
                tried.add(key.id)
                try:
                    create(db, key, now)
                except (OutcomeUnknown, Unavailable):
                    continue
                done.add(key.id)

        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(keep_going) for _ in range(4)]
            for turn in range(1, 5):
                eventually(partial(has, 20 * turn), within=20)
                if fault == "killed":
                    server.container.kill()
                    server.container.restart()
                else:
                    server.container.cut(reset=True)
                    server.container.heal()
            stop.set()
            for each in running:
                each.result()
        eventually(lambda: is_there(db), within=20)
        with db.read() as connection:
            found = [set(connection.scalars(select(column))) for column in COLUMNS]
    assert all(each == found[0] for each in found)
    assert done <= found[0] <= tried


def is_there(db: Database) -> bool:
    try:
        return bool(read(db, lambda connection: connection.scalar(select(1))))
    except Unavailable:
        return False


@contextmanager
def hearing(server: MySQLServer) -> Iterator[list[str]]:
    """Fills a list, when the block ends, with the statements that the server has got in it."""
    heard: list[str] = []
    with closing(server.client()) as client, client.cursor() as cursor:
        cursor.execute("SET GLOBAL log_output = 'TABLE', general_log = 1")
        yield heard
        cursor.execute(
            "SELECT argument FROM mysql.general_log"
            " WHERE thread_id != CONNECTION_ID() AND command_type != 'Quit'"
        )
        heard += [argument.decode(errors="replace").split()[0] for (argument,) in cursor.fetchall()]


def test_what_is_done_often_takes_few_round_trips(dockertest: Scope, clock: FakeClock) -> None:
    """One to find a key with all that it has, one to spend; a key and its audit row, three."""
    server = dockertest.start(MySQL(schema=SCHEMA))
    now = clock.now()
    with with_api(server, now) as db:
        full = a_full_key(now)
        create(db, full, now)
        digest = secret.digest(full.id)
        assert read(db, key_by_digest, digest) == full

        def plain(connection: Connection) -> None:
            key = a_key(now)
            insert_key(connection, key, secret.digest(key.id))
            insert_changes(connection, [a_change(key, now)])

        with hearing(server) as heard:
            assert read(db, key_by_digest, digest) is not None
            single(db, spend_credits, full.id, 1, now)
            db.transaction(plain)
        assert heard == ["SELECT", "UPDATE", "INSERT", "INSERT", "COMMIT"]
