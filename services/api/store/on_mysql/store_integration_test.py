"""The store keeps what services.api.ports promises; mypy holds its types against them, too."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from pkg.clock import FakeClock
from pkg.db import Database, DuplicateKey
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers
from services.api import ports
from services.api.domain import secret
from services.api.domain.credits import Credits
from services.api.domain.key import Identity, Key, Ratelimit
from services.api.domain.overrides import Override
from services.api.domain.stored import Api, Change, Known, Namespace, Permission
from services.api.ports import KeyUpdate, MissingPermissions, MissingRoles, NewKey, Taken
from services.api.store.audit import list_changes
from services.api.store.on_mysql import Store
from services.api.store.roles import insert_role
from services.api.store.schema import SCHEMA
from services.api.testutil.store import (
    API,
    WORKSPACE,
    a_key,
    add_key,
    ids,
    read,
    with_api,
    write,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def db(containers: Containers, clock: FakeClock) -> Database:
    """The database with a workspace, an API and a role of nothing."""
    made = with_api(containers.start(MySQL(schema=SCHEMA)), clock.now())
    write(made, insert_role, WORKSPACE, "role_1", "admin", clock.now())
    return made


@pytest.fixture
def store(db: Database, clock: FakeClock) -> Store:
    """The store on it."""
    return Store(db, clock=clock)


@pytest.fixture
def told(clock: FakeClock) -> Callable[[str], Change]:
    """Makes audit rows by their ids."""
    return lambda name: Change(
        name, WORKSPACE, "root_1", "some.change", "thing", clock.now(), "req_1"
    )


def noted(db: Database) -> list[str]:
    return ids(read(db, list_changes, WORKSPACE, limit=100))


def new_key(key: Key, **parts: object) -> NewKey:
    return NewKey(key=key, digest=secret.digest(key.id), **parts)  # type: ignore[arg-type]


def test_a_new_key_has_what_it_names(
    db: Database, store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """Identities and permissions are made once, and the workspace's own are taken."""
    keys: ports.Keys = store.keys
    for n in (1, 2):
        key = a_key(clock.now(), meta={"n": n}, identity=Identity(f"id_{n}", "user"))
        new = new_key(
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
        add_key(store.keys, new_key(key, permissions=frozenset({"b", "a"})), told("audit_1"))
    assert permissions.value.names == ("a", "b")
    with pytest.raises(MissingRoles) as roles:
        add_key(store.keys, new_key(key, roles=frozenset({"admin", "Admin"})), told("audit_2"))
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
        new = new_key(each, permissions=slugs, make_permissions=True)
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
    store.keys.add(new_key(third, permissions=slugs), known, told(third.id))
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
        new = new_key(key, permissions=slugs, make_permissions=True, roles=frozenset({"admin"}))
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
    add_key(store.keys, new_key(first), told("audit_1"))
    key = a_key(clock.now(), identity=Identity("id_1", "user"))
    for broken, name in (
        (replace(key, id=first.id), "audit_2"),
        (replace(key, ratelimits=limits), "audit_2"),
        (key, "audit_1"),
    ):
        new = new_key(broken, permissions=frozenset({"a"}), make_permissions=True)
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
    first = new_key(key, permissions=frozenset({"a"}), make_permissions=True)
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
    add_key(store.keys, new_key(key), told("audit_1"))

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
    add_key(store.keys, new_key(key), told("audit"))

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
        new_key(
            key, permissions=frozenset({"a"}), make_permissions=True, roles=frozenset({"admin"})
        ),
        told("audit_1"),
    )
    heir = a_key(clock.now())

    def work(was: Key) -> tuple[KeyUpdate, NewKey]:
        successor = new_key(
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
    new = new_key(key, permissions=frozenset({"a", "b"}), make_permissions=True)
    add_key(store.keys, new, told("audit_1"))

    def work(was: Key) -> tuple[KeyUpdate, NewKey]:
        gone = store.permissions.find(WORKSPACE, "a")
        if gone is not None:
            store.permissions.remove(gone, told("audit_2"))
        return KeyUpdate(key=was), new_key(
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
    add_key(store.keys, new_key(key), told("audit_1"))
    assert store.keys.remove(key, permanent, told("audit_2")) == secret.digest(key.id)
    assert store.keys.find(WORKSPACE, key.id) is None
    store.keys.remove(key, permanent, told("audit_3"))
    assert noted(db) == ["audit_1", "audit_2"]


def test_an_api_has_its_name_alone_until_it_goes(
    db: Database, store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """Its keys go with it, and their digests are told."""
    apis: ports.Apis = store.apis
    api = Api("api_new", WORKSPACE, "new", "ks_new")
    apis.add(api, told("audit_1"))
    assert apis.find(WORKSPACE, api.id) == api
    assert apis.find("ws_2", api.id) is None
    again = Api("api_again", WORKSPACE, "new", "ks_again")
    with pytest.raises(Taken):
        apis.add(again, told("audit_2"))
    apis.add(replace(again, workspace_id="ws_2", id="api_2", keyspace_id="ks_2"), told("audit_3"))
    key = a_key(clock.now(), api_id=api.id, keyspace_id=api.keyspace_id)
    add_key(store.keys, new_key(key), told("audit_4"))
    assert list(apis.remove(api, told("audit_5"))) == [secret.digest(key.id)]
    assert list(apis.remove(api, told("audit_6"))) == []
    assert apis.find(WORKSPACE, api.id) is None
    assert store.keys.find(WORKSPACE, key.id) is None
    apis.add(again, told("audit_7"))
    assert noted(db) == [f"audit_{n}" for n in (1, 3, 4, 5, 7)]


def test_a_permission_goes_from_all_that_had_it(
    db: Database, store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """Their digests are told: of keys that had it themselves, and by a role."""
    permissions: ports.Permissions = store.permissions
    permission = Permission("perm_1", "to read", "a.read")
    permissions.add(WORKSPACE, permission, told("audit_1"))
    with pytest.raises(Taken):
        permissions.add(WORKSPACE, replace(permission, id="perm_2"), told("audit_2"))
    assert permissions.find(WORKSPACE, "a.read") == permission
    assert permissions.page(WORKSPACE, "READ", None, 10) == [permission]
    write(db, insert_role, WORKSPACE, "role_2", "reader", clock.now(), permission_ids=["perm_1"])
    own, by_role, other = (a_key(clock.now()) for _ in range(3))
    add_key(store.keys, new_key(own, permissions=frozenset({"a.read"})), told("audit_3"))
    add_key(store.keys, new_key(by_role, roles=frozenset({"reader"})), told("audit_4"))
    add_key(store.keys, new_key(other), told("audit_5"))
    assert set(permissions.remove(permission, told("audit_6"))) == {
        secret.digest(own.id),
        secret.digest(by_role.id),
    }
    assert list(permissions.remove(permission, told("audit_7"))) == []
    found = store.keys.find(WORKSPACE, by_role.id)
    assert found is not None
    assert found.permissions == frozenset()
    assert noted(db) == [f"audit_{n}" for n in (1, 3, 4, 5, 6)]


def test_namespaces_and_overrides_are_noted_once(
    db: Database, store: Store, told: Callable[[str], Change]
) -> None:
    """One that somebody else has made meanwhile is theirs."""
    namespaces: ports.Namespaces = store.namespaces
    made = Namespace("rlns_1", "e-mail")
    assert namespaces.add(WORKSPACE, made, told("audit_1")) == made
    assert namespaces.add(WORKSPACE, Namespace("rlns_2", "e-mail"), told("audit_2")) == made
    assert namespaces.find(WORKSPACE, "e-mail") == namespaces.find(WORKSPACE, "rlns_1") == made
    override = Override("ov_1", "user_*", 1, MINUTE)
    assert namespaces.set(made.id, override, told("audit_3")) == "ov_1"
    assert namespaces.set(made.id, replace(override, id="ov_2"), told("audit_4")) == "ov_1"
    assert namespaces.overrides(made.id) == namespaces.page(made.id, None, 9) == [override]
    assert namespaces.override(made.id, "user_*") == override
    assert namespaces.override(made.id, "user_1") is None
    namespaces.unset(made.id, override, told("audit_5"))
    namespaces.unset(made.id, override, told("audit_6"))
    assert namespaces.overrides(made.id) == []
    assert noted(db) == ["audit_1", "audit_3", "audit_4", "audit_5"]


def test_a_root_key_is_not_a_key(store: Store) -> None:
    """Of a digest that nobody has, there is neither."""
    root_keys: ports.RootKeys = store.root_keys
    assert root_keys.root_key(secret.digest("nobody")) is None
    assert store.keys.by_digest(secret.digest("nobody")) is None


def test_a_text_is_a_key_of_its_workspace_alone(
    store: Store, clock: FakeClock, told: Callable[[str], Change]
) -> None:
    """To others, it is as good as nobody's."""
    key = a_key(clock.now())
    add_key(store.keys, new_key(key), told("audit_1"))
    digest = secret.digest(key.id)
    assert store.keys.find_by_digest(WORKSPACE, digest) == store.keys.by_digest(digest)
    assert store.keys.find_by_digest(WORKSPACE, digest) is not None
    assert store.keys.find_by_digest("ws_other", digest) is None
