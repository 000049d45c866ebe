"""What belongs together is stored together, whoever is killed; and in few round trips."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from pkg.clock import FakeClock
from pkg.db import Database, OutcomeUnknown, Timeouts, Unavailable
from pkg.db.hearing import hearing
from pkg.dockertest import Scope
from pkg.dockertest.mysql import MySQL
from pkg.testutil import eventually
from pkg.testutil.round_trips import round_trips
from services.api.domain import secret
from services.api.domain.credits import Credits
from services.api.domain.key import Identity, Ratelimit
from services.api.ports import NewKey
from services.api.store.keys_reading import key_by_digest
from services.api.store.on_mysql import Store
from services.api.store.roles import insert_role
from services.api.store.schema import SCHEMA
from services.api.store.tables import keys
from services.api.testutil.store import (
    WORKSPACE,
    a_change,
    a_key,
    add_key,
    parts_of_keys,
    read,
    with_api,
    write,
)

QUICK = Timeouts(connect=1, read=4, write=4, select=2, lock=2, operation=5)


def a_full_key(now: datetime, slug: str = "a.read") -> NewKey:
    """A key with everything, some of which is made by the way."""
    key = a_key(now)
    limits = tuple(
        Ratelimit(f"rl_{key.id}_{name}", name, 1, timedelta(minutes=1), True)
        for name in ("requests", "tokens")
    )
    whole = replace(
        key,
        credits=Credits(1, None, now),
        ratelimits=limits,
        recoverable=True,
        identity=Identity(f"id_{key.id}", f"user {key.id}"),
    )
    return NewKey(
        key=whole,
        digest=secret.digest(key.id),
        meta=b'{"a":1}',
        permissions=frozenset({slug, "a.write"}),
        make_permissions=True,
        roles=frozenset({"admin"}),
        ciphertext=b"cipher",
    )


def with_role(db: Database, now: datetime) -> Database:
    """The same database, with a role in it."""
    write(db, insert_role, WORKSPACE, "role_1", "admin", now)
    return db


@pytest.mark.parametrize("fault", ["killed", "reset"])
def test_a_key_is_stored_with_all_its_rows_or_none(
    dockertest: Scope, clock: FakeClock, fault: str
) -> None:
    """Whenever the server is killed, or the line breaks; what was said to be done is done."""
    server = dockertest.start(MySQL(schema=SCHEMA).proxied())
    now = clock.now()
    tried: set[str] = set()
    done: set[str] = set()
    with with_role(with_api(server, now, QUICK), now) as db:
        store = Store(db, clock=clock)
        stop = threading.Event()

        def has(goal: int) -> bool:
            return len(done) > goal

        def keep_going() -> None:
            while not stop.is_set():
                new = a_full_key(now, slug=f"a.{len(tried) % 9}")
                tried.add(new.key.id)
                try:
                    add_key(store.keys, new, a_change(new.key, now))
                except (OutcomeUnknown, Unavailable):
                    continue
                done.add(new.key.id)

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
        found = parts_of_keys(db)
        with db.read() as connection:
            of_identities = set(connection.scalars(select(keys.c.identity_id)))
    whole = found["api_keys"]
    assert all(each == whole for each in found.values())
    assert done <= whole <= tried
    assert of_identities == {f"id_{key_id}" for key_id in whole}


def is_there(db: Database) -> bool:
    """Whether the server serves again."""
    try:
        return bool(read(db, lambda connection: connection.scalar(select(1))))
    except Unavailable:
        return False


def test_what_is_done_often_takes_few_round_trips(dockertest: Scope, clock: FakeClock) -> None:
    """One to find a key with all that it has, one to spend; to make one, two and the commit.

    Whatever the key has, and whether it is there already.
    """
    server = dockertest.start(MySQL(schema=SCHEMA))
    now = clock.now()
    with (
        round_trips(server.port) as trips,
        with_role(with_api(replace(server, host="127.0.0.1", port=trips.port), now), now) as db,
    ):
        store = Store(db, clock=clock)
        full, known = a_full_key(now), a_full_key(now)
        for new in (full, known):
            add_key(store.keys, new, a_change(new.key, now))
        found = read(db, key_by_digest, full.digest)
        assert found is not None
        assert found.permissions == {"a.read", "a.write"}
        assert found.roles == ("admin",)
        store.keys.spend(full.key.id, 0, now)

        def costs() -> int:
            return trips.count

        before = costs()
        assert store.keys.by_digest(full.digest) is not None
        assert costs() - before == 1
        store.keys.spend(full.key.id, 1, now)
        assert costs() - before == 2
        plain = a_key(now)
        again = replace(a_full_key(now), key=replace(a_full_key(now).key, identity=None))
        for new in (
            NewKey(key=plain, digest=secret.digest(plain.id)),
            a_full_key(now, slug="a.new"),
            again,
        ):
            before = costs()
            add_key(store.keys, new, a_change(new.key, now))
            assert costs() - before == 3
        with hearing(server) as heard:
            new = a_full_key(now, slug="a.newer")
            add_key(store.keys, new, a_change(new.key, now))
        assert [each.split()[0] for each in heard] == ["SELECT", *["INSERT"] * 9, "COMMIT"]
