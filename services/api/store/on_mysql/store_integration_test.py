"""The store keeps what services.api.ports promises; mypy holds its types against them, too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from pkg.clock import FakeClock
from pkg.db import Database
from services.api import ports
from services.api.domain import secret
from services.api.domain.overrides import Override
from services.api.domain.stored import Api, Change, Namespace, Permission
from services.api.ports import Taken
from services.api.store.on_mysql import Store
from services.api.store.roles import insert_role
from services.api.testutil.store import (
    WORKSPACE,
    a_key,
    add_key,
    noted,
    wanted_key,
    write,
)

MINUTE = timedelta(minutes=1)


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
    add_key(store.keys, wanted_key(key), told("audit_4"))
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
    add_key(store.keys, wanted_key(own, permissions=frozenset({"a.read"})), told("audit_3"))
    add_key(store.keys, wanted_key(by_role, roles=frozenset({"reader"})), told("audit_4"))
    add_key(store.keys, wanted_key(other), told("audit_5"))
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
