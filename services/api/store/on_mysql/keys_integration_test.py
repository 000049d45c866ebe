"""Of keys, the store keeps what services.api.ports promises; mypy holds its types against them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from pkg.clock import FakeClock
from pkg.db import Database, DuplicateKey
from services.api import ports
from services.api.domain import secret
from services.api.domain.credits import Credits
from services.api.domain.key import Identity, Key, Ratelimit
from services.api.domain.stored import Change, Known
from services.api.ports import KeyUpdate, MissingPermissions, MissingRoles, NewKey
from services.api.store.on_mysql import Store
from services.api.testutil.store import (
    API,
    WORKSPACE,
    a_key,
    add_key,
    noted,
    wanted_key,
)

MINUTE = timedelta(minutes=1)


def test_a_new_key_has_what_it_names(
    db: Database, store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """Identities and permissions are made once, and the workspace's own are taken."""
    keys: ports.Keys = store.keys
    for n in (1, 2):
        key = a_key(clock.now(), meta={"n": n}, identity=Identity(f"id_{n}", "user"))
        new = wanted_key(
            key,
            meta=b'{"n": %d}' % n,
            permissions=frozenset({"a.read", "a.write"}),
            make_permissions=n == 1,
            roles=frozenset({"admin"}),
            ciphertext=b"cipher",
        )
        add_key(keys, new, told(f"audit_{n}"))
        found = keys.by_digest(new.digest)
        assert found == keys.find(WORKSPACE, key.id)
        assert found is not None
        assert (found.identity, found.meta) == (Identity("id_1", "user"), {"n": n})
        assert found.permissions == found.own_permissions == {"a.read", "a.write"}
        assert found.roles == ("admin",)
        assert keys.ciphertext(key.id) == b"cipher"
    assert noted(db) == ["audit_1", "audit_2"]
    assert len(keys.page(API, "user", None, 10)) == 2


def test_a_key_that_names_what_is_missing_is_not_made(
    db: Database, store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """Nor its identity, nor an audit row; the names are told."""
    key = a_key(clock.now(), identity=Identity("id_1", "user"))
    with pytest.raises(MissingPermissions) as permissions:
        add_key(store.keys, wanted_key(key, permissions=frozenset({"b", "a"})), told("audit_1"))
    assert permissions.value.names == ("a", "b")
    with pytest.raises(MissingRoles) as roles:
        add_key(store.keys, wanted_key(key, roles=frozenset({"admin", "Admin"})), told("audit_2"))
    assert roles.value.names == ("Admin",)
    assert store.keys.find(WORKSPACE, key.id) is None
    assert noted(db) == []


def test_what_somebody_else_makes_or_deletes_meanwhile_counts(
    db: Database, store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """Between the look and the change: theirs is taken; what is gone, the key has not."""
    first = a_key(clock.now(), identity=Identity("id_1", "user"))
    second = replace(a_key(clock.now()), identity=Identity("id_2", "user"))
    slugs = frozenset({"a", "b"})
    known = store.keys.known(WORKSPACE, API.id, permissions=slugs, external_id="user")
    assert known == Known(api=API)
    for each in (first, second):
        new = wanted_key(each, permissions=slugs, make_permissions=True)
        store.keys.add(new, known, told(each.id))
    made = {each.slug: each for each in store.permissions.page(WORKSPACE, None, None, 10)}
    assert set(made) == slugs
    for each in (first, second):
        found = store.keys.find(WORKSPACE, each.id)
        assert found is not None
        assert (found.identity, found.permissions) == (Identity("id_1", "user"), slugs)
    known = store.keys.known(WORKSPACE, API.id, permissions=slugs, external_id="user")
    assert known == Known(api=API, permissions=slugs, identity_id="id_1")
    store.permissions.remove(made["a"], told("gone"))
    third = a_key(clock.now())
    store.keys.add(wanted_key(third, permissions=slugs), known, told(third.id))
    found = store.keys.find(WORKSPACE, third.id)
    assert found is not None
    assert found.permissions == {"b"}


def test_keys_that_make_the_same_things_at_once_share_them(
    store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """Whoever is first: one identity, and one permission of each slug."""
    slugs = frozenset(f"slug{n}" for n in range(20))

    def make(number: int) -> Key:
        key = a_key(clock.now(), identity=Identity(f"id_{number}", "user"))
        new = wanted_key(key, permissions=slugs, make_permissions=True, roles=frozenset({"admin"}))
        add_key(store.keys, new, told(key.id))
        found = store.keys.find(WORKSPACE, key.id)
        assert found is not None
        return found

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(make, range(16)))
    assert len({key.identity for key in made}) == 1
    assert all(key.permissions == slugs and key.roles == ("admin",) for key in made)
    found = store.permissions.page(WORKSPACE, None, None, 100)
    assert sorted(each.slug for each in found) == sorted(slugs)


def test_a_key_of_which_a_part_is_refused_leaves_nothing(
    db: Database, store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """Whichever statement it is; the error is the one that it was, one by one."""
    limits = (Ratelimit("rl_1", "requests", 1, MINUTE, True),)
    first = a_key(clock.now(), ratelimits=limits)
    add_key(store.keys, wanted_key(first), told("audit_1"))
    key = a_key(clock.now(), identity=Identity("id_1", "user"))
    for broken, name in (
        (replace(key, id=first.id), "audit_2"),
        (replace(key, ratelimits=limits), "audit_2"),
        (key, "audit_1"),
    ):
        new = wanted_key(broken, permissions=frozenset({"a"}), make_permissions=True)
        with pytest.raises(DuplicateKey, match="PRIMARY"):
            add_key(store.keys, replace(new, digest=secret.digest("other")), told(name))
    assert store.keys.find(WORKSPACE, key.id) is None
    assert store.keys.by_digest(secret.digest("other")) is None
    known = store.keys.known(WORKSPACE, API.id, permissions={"a"}, external_id="user")
    assert known == Known(api=API)
    assert noted(db) == ["audit_1"]


def test_what_a_key_names_is_its_workspaces_own(store: Store, clock: FakeClock) -> None:
    """Another workspace's API is not there, nor one of an id that none can be."""
    assert store.keys.known("ws_2", API.id) is None
    assert store.keys.known(WORKSPACE, "api_ż") is None
    known = store.keys.known(
        WORKSPACE, API.id, permissions=["a"], roles=["admin", "Admin"], external_id="user"
    )
    assert known == Known(api=API, roles=frozenset({"admin"}))


def test_a_key_is_changed_as_the_work_says(
    db: Database, store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """What differs is written; what is unset stays."""
    limits = (Ratelimit("rl_1", "requests", 1, MINUTE, True),)
    credits = Credits(3, None, clock.now())
    key = a_key(clock.now(), meta={"a": 1}, ratelimits=limits, credits=credits)
    first = wanted_key(key, permissions=frozenset({"a"}), make_permissions=True)
    add_key(store.keys, first, told("audit_1"))
    changed = store.keys.change(
        WORKSPACE,
        key.id,
        lambda was: KeyUpdate(
            key=replace(was, name="new", updated_at=clock.now(), identity=Identity("id_1", "user"))
        ),
        told("audit_2"),
    )
    assert changed is not None
    assert changed.digest == first.digest
    assert changed.key == store.keys.by_digest(first.digest)
    assert (changed.key.name, changed.key.meta) == ("new", {"a": 1})
    assert (changed.key.ratelimits, changed.key.credits) == (limits, key.credits)
    assert [each.slug for each in changed.permissions] == ["a"]
    more = (Ratelimit("rl_1", "requests", 5, MINUTE, True), Ratelimit("rl_2", "b", 1, MINUTE, True))
    changed = store.keys.change(
        WORKSPACE,
        key.id,
        lambda was: KeyUpdate(
            key=replace(was, name=None, ratelimits=more, credits=None, identity=None),
            meta=None,
            permissions=frozenset({"b"}),
            make_permissions=True,
            roles=frozenset({"admin"}),
        ),
        told("audit_3"),
    )
    assert changed is not None
    assert (changed.key.ratelimits, changed.key.credits) == (
        tuple(sorted(more, key=lambda each: each.name)),
        None,
    )
    assert (changed.key.meta, changed.key.identity, changed.key.roles) == (None, None, ("admin",))
    assert [each.slug for each in changed.permissions] == ["b"]
    assert noted(db) == ["audit_1", "audit_2", "audit_3"]


def test_a_change_that_its_work_refuses_is_none(
    db: Database, store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """What it raises is raised; of another workspace's key there is nothing to change."""
    key = a_key(clock.now())
    add_key(store.keys, wanted_key(key), told("audit_1"))

    def refuse(_: Key) -> KeyUpdate:
        raise LookupError("not allowed")

    with pytest.raises(LookupError, match="not allowed"):
        store.keys.change(WORKSPACE, key.id, refuse, told("audit_2"))
    assert store.keys.change("ws_2", key.id, refuse, told("audit_3")) is None
    assert noted(db) == ["audit_1"]


def test_what_is_spent_while_credits_are_changed_is_not_lost(
    store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """Eight threads spend, and others add as much: the sum is exact."""
    now = clock.now()
    key = a_key(now, credits=Credits(1000, None, now))
    add_key(store.keys, wanted_key(key), told("audit"))

    def add(was: Key) -> KeyUpdate:
        assert was.credits is not None
        return KeyUpdate(key=replace(was, credits=Credits(was.credits.remaining + 1, None, now)))

    def one(number: int) -> None:
        if number % 2:
            assert store.keys.spend(key.id, 1, now)[0]
        else:
            assert store.keys.change(WORKSPACE, key.id, add, told(f"audit_{number}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(100)))
    assert store.keys.spend(key.id, 0, now) == (True, 1000)


def test_a_key_is_replaced_by_its_successor(
    db: Database, store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """Both in one transaction, with one audit row."""
    key = a_key(clock.now(), identity=Identity("id_1", "user"))
    add_key(
        store.keys,
        wanted_key(
            key, permissions=frozenset({"a"}), make_permissions=True, roles=frozenset({"admin"})
        ),
        told("audit_1"),
    )
    heir = a_key(clock.now())

    def work(was: Key) -> tuple[KeyUpdate, NewKey]:
        successor = wanted_key(
            replace(was, id=heir.id), permissions=was.own_permissions, roles=frozenset(was.roles)
        )
        return KeyUpdate(key=replace(was, expires_at=clock.now())), successor

    changed = store.keys.replace(WORKSPACE, key.id, work, told("audit_2"))
    assert changed is not None
    assert changed.key.expires_at == clock.now()
    successor = store.keys.by_digest(secret.digest(heir.id))
    assert successor == replace(changed.key, id=heir.id, expires_at=None)
    assert noted(db) == ["audit_1", "audit_2"]


def test_a_successor_has_what_is_still_there(
    store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """A permission that is deleted while the key is replaced stops nobody."""
    key, heir = a_key(clock.now()), a_key(clock.now())
    new = wanted_key(key, permissions=frozenset({"a", "b"}), make_permissions=True)
    add_key(store.keys, new, told("audit_1"))

    def work(was: Key) -> tuple[KeyUpdate, NewKey]:
        gone = store.permissions.find(WORKSPACE, "a")
        if gone is not None:
            store.permissions.remove(gone, told("audit_2"))
        return KeyUpdate(key=was), wanted_key(
            replace(was, id=heir.id), permissions=was.own_permissions
        )

    assert store.keys.replace(WORKSPACE, key.id, work, told("audit_3")) is not None
    successor = store.keys.find(WORKSPACE, heir.id)
    assert successor is not None
    assert successor.permissions == {"b"}


@pytest.mark.parametrize("permanent", [False, True])
def test_a_removed_key_is_gone(
    db: Database,
    store: Store,
    clock: FakeClock,
    told: Callable[[str], Change],
    permanent: bool,
) -> None:
    """Its digest is told, for the caches; a second time nothing is noted."""
    key = a_key(clock.now())
    add_key(store.keys, wanted_key(key), told("audit_1"))
    assert store.keys.remove(key, permanent, told("audit_2")) == secret.digest(key.id)
    assert store.keys.find(WORKSPACE, key.id) is None
    store.keys.remove(key, permanent, told("audit_3"))
    assert noted(db) == ["audit_1", "audit_2"]


def test_a_text_is_a_key_of_its_workspace_alone(
    store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """To others, it is as good as nobody's."""
    key = a_key(clock.now())
    add_key(store.keys, wanted_key(key), told("audit_1"))
    digest = secret.digest(key.id)
    assert store.keys.find_by_digest(WORKSPACE, digest) == store.keys.by_digest(digest)
    assert store.keys.find_by_digest(WORKSPACE, digest) is not None
    assert store.keys.find_by_digest("ws_other", digest) is None
