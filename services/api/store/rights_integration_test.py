"""Root keys, permissions, roles: each workspace has its own, and names differ by case."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from pkg import uid
from pkg.clock import FakeClock
from pkg.db import Database, DuplicateKey
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers
from services.api.domain import secret
from services.api.domain.stored import Permission, RootKey
from services.api.store import permissions as store
from services.api.store.roles import add_roles, insert_role, roles_by_name
from services.api.store.root_keys import delete_root_key, insert_root_key, root_key_by_digest
from services.api.store.schema import SCHEMA
from services.api.store.workspaces import enable_workspace
from services.api.testutil.store import (
    WORKSPACE,
    a_key,
    ids,
    read,
    store_key,
    with_api,
    write,
)

ODD = ["%", "_", "\\", "żółw", "A", "a", "🐢"]


@pytest.fixture
def db(containers: Containers, clock: FakeClock) -> Database:
    """The store with a workspace and an API."""
    return with_api(containers.start(MySQL(schema=SCHEMA)), clock.now())


def test_a_root_key_comes_back_as_it_was_stored(db: Database, clock: FakeClock) -> None:
    """By its digest, while its workspace is enabled and it is there."""
    digest = secret.digest("root")
    key = RootKey("root_1", WORKSPACE, frozenset({"api.*.create_key", "*.*.*"}), False, clock.now())
    write(db, insert_root_key, key, digest, start="root", now=clock.now())

    def found() -> RootKey | None:
        return read(db, root_key_by_digest, digest)

    assert found() == key
    write(db, enable_workspace, WORKSPACE, False)
    assert found() is None
    write(db, enable_workspace, WORKSPACE, True)
    assert not write(db, delete_root_key, "ws_2", key.id)
    assert write(db, delete_root_key, WORKSPACE, key.id)
    assert found() is None


def permission(slug: str, **changes: str) -> Permission:
    return replace(Permission(f"perm_{slug.encode().hex()}", f"to {slug}", slug), **changes)


def test_a_permission_is_found_by_its_slug_and_its_id(db: Database, clock: FakeClock) -> None:
    """Of its workspace, byte by byte; a slug may be another's id, which is found then."""
    for slug in ODD:
        made = permission(slug)
        write(db, store.insert_permission, WORKSPACE, made, clock.now())
        for wanted in (made.slug, made.id):
            assert read(db, store.find_permissions, WORKSPACE, [wanted]) == {wanted: made}
            assert read(db, store.find_permissions, "ws_2", [wanted]) == {}
    again = permission("a", id="perm_again")
    with pytest.raises(DuplicateKey) as caught:
        write(db, store.insert_permission, WORKSPACE, again, clock.now())
    assert caught.value.key == "by_slug"
    write(db, store.insert_permission, "ws_2", again, clock.now())
    sly = permission(permission("a").id, id="perm_sly")
    write(db, store.insert_permission, WORKSPACE, sly, clock.now())
    found = {"A": permission("A"), sly.slug: permission("a"), sly.id: sly}
    assert read(db, store.find_permissions, WORKSPACE, [*found, "none"]) == found


@pytest.mark.parametrize(
    ("search", "slugs"),
    [
        ("", {"a.READ", "100%", "b_c", "bxc", "żółw"}),
        ("read", {"a.READ"}),
        ("%", {"100%"}),
        ("b_", {"b_c"}),
        ("ŻÓŁ", {"żółw"}),
        ("zolw", set()),
        ("TO b", {"b_c", "bxc"}),
        ("TURTLE", {"żółw"}),
        ("PERM_62", {"b_c", "bxc"}),
        ("🐢", set()),
        ("'; DROP", set()),
    ],
)
def test_permissions_are_searched_in_any_case(
    db: Database, clock: FakeClock, search: str, slugs: set[str]
) -> None:
    """In slug, name, description and id; what stands for other characters in SQL does not."""
    for slug in ("a.READ", "100%", "b_c", "bxc"):
        made = permission(slug)
        write(db, store.insert_permission, WORKSPACE, made, clock.now())
    turtle = permission("żółw", description="a turtle")
    write(db, store.insert_permission, WORKSPACE, turtle, clock.now())
    found = read(db, store.list_permissions, WORKSPACE, limit=10, search=search)
    assert {each.slug for each in found} == slugs


def test_permissions_are_listed_in_pages(db: Database, clock: FakeClock) -> None:
    """In the order of their ids."""
    for n in range(5):
        made = Permission(f"perm_{n}", "a", f"slug{9 - n}")
        write(db, store.insert_permission, WORKSPACE, made, clock.now())
    first = read(db, store.list_permissions, WORKSPACE, limit=3)
    rest = read(db, store.list_permissions, WORKSPACE, limit=3, after=first[-1].id)
    assert ids(first) + ids(rest) == [f"perm_{n}" for n in range(5)]


def test_permissions_that_are_missing_are_made_once(db: Database, clock: FakeClock) -> None:
    """Whoever wants the same ones at the same time, and in whatever order."""
    wanted = [f"slug{n}" for n in range(30)]

    def ensure(number: int) -> list[str]:
        mine = wanted if number % 2 else wanted[::-1]
        return ids(
            write(
                db,
                store.ensure_permissions,
                WORKSPACE,
                mine,
                lambda: uid.new("perm", clock),
                clock.now(),
            )
        )

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ensure, range(8)))
    assert len({tuple(each) for each in found}) == 1
    listed = read(db, store.list_permissions, WORKSPACE, limit=100)
    assert sorted(found[0]) == ids(listed)
    assert sorted(each.slug for each in listed) == sorted(wanted)


def test_a_keys_permissions_are_added_removed_and_set(db: Database, clock: FakeClock) -> None:
    """Adding twice is adding once; a deleted one is gone from keys and roles, too."""
    a, b, c_ = (permission(slug) for slug in "abc")
    key = a_key(clock.now())

    def prepare(c: Connection) -> None:
        for each in (a, b, c_):
            store.insert_permission(c, WORKSPACE, each, clock.now())
        insert_role(c, WORKSPACE, "role_1", "role", clock.now(), permission_ids=[c_.id])

    db.transaction(prepare)
    store_key(db, key)

    def after(change: Callable[[Connection], object]) -> list[Permission]:
        db.transaction(change)
        return list(read(db, store.permissions_of_key, key.id))

    assert after(lambda c: store.add_permissions(c, key.id, [b.id, a.id, a.id])) == [a, b]
    assert after(lambda c: store.add_permissions(c, key.id, [b.id])) == [a, b]
    assert after(lambda c: store.remove_permissions(c, key.id, [a.id, "perm_none"])) == [b]
    assert after(lambda c: store.set_permissions(c, key.id, [a.id, c_.id])) == [a, c_]
    assert after(lambda c: add_roles(c, key.id, ["role_1", "role_1"])) == [a, c_]
    assert after(lambda c: store.delete_permission(c, c_.id)) == [a]
    assert after(lambda c: store.set_permissions(c, key.id, [])) == []
    assert not write(db, store.delete_permission, c_.id)


def test_roles_are_found_by_their_very_names(db: Database, clock: FakeClock) -> None:
    """Those of the workspace; what is not there is left out."""
    for n, name in enumerate(["Admin", "admin", "żółw "]):
        write(db, insert_role, WORKSPACE, f"role_{n}", name, clock.now() + timedelta())
    wanted = ["admin", "żółw ", "żółw", "ADMIN"]
    assert read(db, roles_by_name, WORKSPACE, wanted) == {
        "admin": "role_1",
        "żółw ": "role_2",
    }
    assert read(db, roles_by_name, "ws_2", wanted) == {}
    with pytest.raises(DuplicateKey, match="by_name"):
        write(db, insert_role, WORKSPACE, "role_9", "admin", clock.now())
