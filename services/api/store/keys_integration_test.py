"""A key is found with all that it has, in one round trip, and only where it may be."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, func, select

from pkg.clock import FakeClock
from pkg.db import Database, DuplicateKey
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers
from services.api.domain import secret
from services.api.domain.credits import Credits, Refill
from services.api.domain.key import Identity, Key, Ratelimit
from services.api.domain.stored import Permission
from services.api.store import keys_reading, keys_writing
from services.api.store.apis import delete_api
from services.api.store.encrypted import ciphertexts
from services.api.store.identities import ensure_identity
from services.api.store.keys_reading import key_by_digest, key_by_id, list_keys
from services.api.store.permissions import insert_permission
from services.api.store.ratelimits import insert_ratelimits, set_ratelimits
from services.api.store.roles import insert_role, set_roles
from services.api.store.schema import SCHEMA
from services.api.store.tables import METADATA
from services.api.store.workspaces import enable_workspace
from services.api.testutil.store import (
    API,
    WORKSPACE,
    a_key,
    ids,
    insert_key,
    read,
    store_key,
    with_api,
    write,
)

MINUTE = timedelta(minutes=1)
READ, WRITE, ADMIN = (
    Permission(f"perm_{n}", f"to {slug}", slug) for n, slug in enumerate(("a.read", "a.write", "*"))
)


@pytest.fixture
def db(containers: Containers, clock: FakeClock) -> Database:
    """The store with an API, three permissions and a role that gives the last two."""
    made = with_api(containers.start(MySQL(schema=SCHEMA)), clock.now())
    for permission in (READ, WRITE, ADMIN):
        write(made, insert_permission, WORKSPACE, permission, clock.now())
    write(
        made,
        insert_role,
        WORKSPACE,
        "role_1",
        "żółw 🐢",
        clock.now(),
        permission_ids=[WRITE.id, ADMIN.id],
    )
    return made


def found(db: Database, digest: bytes) -> Key | None:
    return read(db, key_by_digest, digest)


def full_key(db: Database, clock: FakeClock) -> Key:
    """A key that has everything that a key can have, before it is stored."""
    limits = (
        Ratelimit("rl_1", "requests", 10, MINUTE, True),
        Ratelimit("rl_2", "x", 1, MINUTE, False),
    )
    of_identity = (Ratelimit("rl_3", "tokens", 2**40, MINUTE, False),)
    now = clock.now()
    identity = write(db, ensure_identity, WORKSPACE, "user-1", "id_1", now)
    write(db, insert_ratelimits, identity, of_identity)
    return a_key(
        now,
        name="odd '\" \\ % 🐢",
        meta={"plan": "żółw", "n": 1.0, "big": 2**60, "a": [None, True, {"b": "\0"}]},
        enabled=False,
        updated_at=now + MINUTE,
        last_used_at=now + 2 * MINUTE,
        expires_at=now + 3 * MINUTE,
        permissions=frozenset({"a.read", "a.write", "*"}),
        own_permissions=frozenset({"a.read", "a.write"}),
        roles=("żółw 🐢",),
        recoverable=True,
        credits=Credits(2**62, Refill(5, 31), now),
        ratelimits=limits,
        identity=Identity(identity, "user-1", None, of_identity),
    )


def store_full_key(db: Database, key: Key) -> bytes:
    return store_key(
        db,
        key,
        permissions=key.own_permissions,
        roles=key.roles,
        ciphertext=b"\0\xff cipher",
    )


def test_a_key_comes_back_as_it_was_stored(db: Database, clock: FakeClock) -> None:
    """With everything that it can have, and with nothing; by its digest and by its id."""
    for key in (a_key(clock.now()), full_key(db, clock)):
        digest = store_full_key(db, key) if key.recoverable else store_key(db, key)
        assert found(db, digest) == key
        assert read(db, key_by_id, WORKSPACE, key.id) == key
    texts = read(db, ciphertexts, [key.id, "key_other"])
    assert texts == {key.id: b"\0\xff cipher"}


def test_a_key_is_found_only_where_it_counts(db: Database, clock: FakeClock) -> None:
    """Not in another workspace, a disabled one, or by another text."""
    key = a_key(clock.now())
    digest = store_key(db, key)
    assert found(db, secret.digest("another")) is None
    assert read(db, key_by_id, "ws_2", key.id) is None
    write(db, enable_workspace, WORKSPACE, False)
    assert found(db, digest) is None
    write(db, enable_workspace, WORKSPACE, True)
    assert found(db, digest) == key


def test_a_deleted_api_takes_its_keys_along(db: Database, clock: FakeClock) -> None:
    """In one row, once."""
    key = a_key(clock.now())
    digest = store_key(db, key)
    assert write(db, delete_api, WORKSPACE, API.id, clock.now())
    assert not write(db, delete_api, WORKSPACE, API.id, clock.now())
    assert found(db, digest) is None
    assert read(db, list_keys, API.id, limit=10) == []


def test_a_deleted_key_is_not_found(db: Database, clock: FakeClock) -> None:
    """Its id and its text stay taken."""
    key = a_key(clock.now())
    digest = store_key(db, key)
    assert write(db, keys_writing.delete_key, key.id, clock.now())
    assert not write(db, keys_writing.delete_key, key.id, clock.now())
    assert found(db, digest) is None
    with pytest.raises(DuplicateKey, match="PRIMARY"):
        store_key(db, key)
    with pytest.raises(DuplicateKey, match="by_digest"):
        write(db, insert_key, replace(key, id="key_other"), digest)


def test_nothing_is_left_of_a_removed_key(db: Database, clock: FakeClock) -> None:
    """In no table has it a row, and the others' rows are there."""
    other = replace(full_key(db, clock), ratelimits=())
    store_full_key(db, other)
    before = rows(db)
    key = replace(other, id="key_gone", ratelimits=(Ratelimit("rl_9", "x", 1, MINUTE, True),))
    digest = store_full_key(db, key)
    assert write(db, keys_writing.remove_key, key.id)
    assert not write(db, keys_writing.remove_key, key.id)
    assert found(db, digest) is None
    assert rows(db) == before


def rows(db: Database) -> dict[str, int]:
    with db.read() as connection:
        return {
            name: int(connection.scalar(select(func.count()).select_from(table)) or 0)
            for name, table in METADATA.tables.items()
        }


def test_what_changes_of_a_key_is_stored(db: Database, clock: FakeClock) -> None:
    """The rest stays; each part by its own function."""
    key = full_key(db, clock)
    digest = store_full_key(db, key)
    later = clock.now() + timedelta(hours=1)
    changed = replace(
        key,
        name=None,
        meta=None,
        enabled=True,
        updated_at=later,
        expires_at=None,
        identity=None,
        ratelimits=(Ratelimit("rl_7", "requests", 3, MINUTE, False),),
        roles=(),
        permissions=key.own_permissions,
    )
    assert read(db, keys_reading.digest_by_id, WORKSPACE, key.id) == digest

    def work(connection: Connection) -> None:
        assert keys_reading.lock_key(connection, WORKSPACE, key.id) == (key, digest)
        assert keys_writing.update_key(connection, changed, None)
        set_ratelimits(connection, key.id, changed.ratelimits)
        set_roles(connection, key.id, [])

    db.transaction(work)
    assert found(db, digest) == changed
    assert not write(db, keys_writing.update_key, replace(key, id="key_other"))


def test_the_last_use_is_the_latest(db: Database, clock: FakeClock) -> None:
    """Whoever notes an earlier one later."""
    key = a_key(clock.now())
    digest = store_key(db, key)
    late, early = clock.now() + MINUTE, clock.now()
    for used in (late, early):
        write(db, keys_writing.touch_keys, {key.id: used})
    stored = found(db, digest)
    assert stored is not None
    assert stored.last_used_at == late


def test_keys_are_listed_in_order_and_in_pages(db: Database, clock: FakeClock) -> None:
    """Those of the API, or of one of its identities."""
    identity = write(db, ensure_identity, WORKSPACE, "User", "id_1", clock.now())
    assert identity == write(db, ensure_identity, WORKSPACE, "User", "id_2", clock.now())
    other = write(db, ensure_identity, WORKSPACE, "user", "id_3", clock.now())
    assert other == "id_3"
    owned = Identity(identity, "User")
    keys = [a_key(clock.now(), identity=owned if n % 2 else None) for n in range(5)]
    for key in reversed(keys):
        store_key(db, key)
    store_key(db, a_key(clock.now(), api_id="api_2"))

    def listed(**options: object) -> list[Key]:
        return list(read(db, list_keys, API.id, **options))  # type: ignore[arg-type]

    assert listed(limit=10) == keys
    assert ids(listed(limit=2)) == ids(keys[:2])
    assert ids(listed(limit=2, after=keys[1].id)) == ids(keys[2:4])
    assert ids(listed(limit=10, external_id="User")) == ids(keys[1::2])
    assert listed(limit=10, external_id="user") == []
