"""Name spaces of rate limits, their overrides, and the audit log."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from pkg import uid
from pkg.clock import FakeClock
from pkg.db import Database
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers
from services.api.domain.overrides import Override
from services.api.domain.stored import Change, Namespace
from services.api.store.audit import insert_changes, list_changes
from services.api.store.namespaces import delete_namespace, ensure_namespace, find_namespace
from services.api.store.overrides import (
    delete_override,
    list_overrides,
    override_by_pattern,
    set_override,
)
from services.api.store.schema import SCHEMA
from services.api.testutil.store import (
    WORKSPACE,
    a_change,
    a_key,
    ids,
    read,
    with_api,
    write,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def db(containers: Containers, clock: FakeClock) -> Database:
    """The store with a workspace and an API."""
    return with_api(containers.start(MySQL(schema=SCHEMA)), clock.now())


def test_a_namespace_is_made_once(db: Database, clock: FakeClock) -> None:
    """By all who want it at the same time; it is found by name and by id."""

    def ensure(_: int) -> Namespace:
        return write(
            db,
            ensure_namespace,
            WORKSPACE,
            Namespace(uid.new("rlns", clock), "e-mail 🐢"),
            clock.now(),
        )

    with ThreadPoolExecutor(8) as pool:
        (made,) = set(pool.map(ensure, range(16)))
    for wanted in (made.name, made.id):
        assert read(db, find_namespace, WORKSPACE, wanted) == made
        assert read(db, find_namespace, "ws_2", wanted) is None
    assert read(db, find_namespace, WORKSPACE, "E-mail 🐢") is None


def test_a_deleted_namespace_is_told_from_one_that_never_was(
    db: Database, clock: FakeClock
) -> None:
    """And is not made anew."""
    now = clock.now()
    made = write(db, ensure_namespace, WORKSPACE, Namespace("rlns_1", "a"), now)
    assert made == Namespace("rlns_1", "a")
    assert not write(db, delete_namespace, "ws_2", made.id, now)
    assert write(db, delete_namespace, WORKSPACE, made.id, now)
    assert not write(db, delete_namespace, WORKSPACE, made.id, now)
    again = write(db, ensure_namespace, WORKSPACE, Namespace("rlns_2", "a"), now)
    assert again == Namespace("rlns_1", "a", deleted=True)


def test_an_override_is_set_and_set_again(db: Database, clock: FakeClock) -> None:
    """Its id stays, and it is known by its very pattern."""
    for pattern in ("*", "user_*", "User_*", "%"):
        first = Override(uid.new("ov", clock), pattern, 10, MINUTE)
        assert first.id == write(db, set_override, "rlns_1", first, clock.now())
        later = Override(uid.new("ov", clock), pattern, 0, 2 * MINUTE)
        assert first.id == write(db, set_override, "rlns_1", later, clock.now())
        stored = read(db, override_by_pattern, "rlns_1", pattern)
        assert stored == Override(first.id, pattern, 0, 2 * MINUTE)
        assert read(db, override_by_pattern, "rlns_2", pattern) is None
    assert write(db, delete_override, "rlns_1", "user_*")
    assert not write(db, delete_override, "rlns_1", "user_*")
    left = read(db, list_overrides, "rlns_1")
    assert sorted(each.pattern for each in left) == ["%", "*", "User_*"]


def test_overrides_are_listed_in_pages(db: Database, clock: FakeClock) -> None:
    """In the order of their ids."""
    made = [Override(f"ov_{n}", f"p{9 - n}", n, MINUTE) for n in range(5)]
    for each in made:
        write(db, set_override, "rlns_1", each, clock.now())
    first = read(db, list_overrides, "rlns_1", limit=3)
    rest = read(db, list_overrides, "rlns_1", limit=3, after=first[-1].id)
    assert [*first, *rest] == made


def test_changes_are_listed_as_they_were_made(db: Database, clock: FakeClock) -> None:
    """Of a workspace, or of one thing in it; several in one round trip."""
    made: list[Change] = [a_change(a_key(clock.now()), clock.now()) for _ in range(3)]
    write(db, insert_changes, made)
    write(db, insert_changes, [])
    assert list(read(db, list_changes, WORKSPACE, limit=10)) == made
    assert ids(read(db, list_changes, WORKSPACE, limit=1, after=made[0].id)) == [made[1].id]
    target = made[2].target_id
    assert list(read(db, list_changes, WORKSPACE, limit=9, target_id=target)) == made[2:]
    assert list(read(db, list_changes, "ws_2", limit=9)) == []
