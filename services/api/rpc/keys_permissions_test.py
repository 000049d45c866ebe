"""A key's own permissions are added, taken and replaced, by who may update the key."""

from collections.abc import Callable
from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.domain import examples
from services.api.domain.stored import Permission
from services.api.rpc import keys_add_permissions, keys_remove_permissions, keys_set_permissions
from services.api.rpc.key_changes import KeyChanges
from services.api.testutil.ports import CLOCK, READ, OneKey, port
from services.api.testutil.serving import call
from services.api.wire.keys import (
    AddPermissionsRequest,
    RemovePermissionsRequest,
    SetPermissionsRequest,
)

KEY = examples.key(own_permissions=frozenset({"a.read", "a.write"}))
STORED = {"perm_1": READ, "a.read": READ, "other": Permission("perm_2", "other", "other")}


def add(store: OneKey, asked: list[str], *held: str, workspace: str = "ws_1") -> Any:
    """keys.addPermissions"""
    changes = KeyChanges(store.port, store.forgotten.append, CLOCK)
    return keys_add_permissions.operation(changes).run(
        call(*held, workspace_id=workspace),
        AddPermissionsRequest(key_id="key_1", permissions=asked),
    )


def replaced(store: OneKey, asked: list[str], *held: str, workspace: str = "ws_1") -> Any:
    """keys.setPermissions"""
    changes = KeyChanges(store.port, store.forgotten.append, CLOCK)
    return keys_set_permissions.operation(changes).run(
        call(*held, workspace_id=workspace),
        SetPermissionsRequest(key_id="key_1", permissions=asked),
    )


def remove(store: OneKey, asked: list[str], *held: str, workspace: str = "ws_1") -> Any:
    """keys.removePermissions"""
    changes = KeyChanges(store.port, store.forgotten.append, CLOCK)
    permissions = port(
        find_all=lambda _, names, latest: {
            name: STORED[name] for name in names if name in STORED and latest
        }
    )
    return keys_remove_permissions.operation(changes, permissions).run(
        call(*held, workspace_id=workspace),
        RemovePermissionsRequest(key_id="key_1", permissions=asked),
    )


@pytest.mark.parametrize(
    ("run", "asked", "after"),
    [
        (add, ["b", "a.read"], {"a.read", "a.write", "b"}),
        (replaced, ["b", "b"], {"b"}),
        (replaced, [], set()),
        (remove, ["a.read"], {"a.write"}),
        (remove, ["perm_1"], {"a.write"}),
        (remove, ["other"], {"a.read", "a.write"}),
    ],
)
def test_the_keys_own_permissions_change(
    run: Callable[..., Any], asked: list[str], after: set[str]
) -> None:
    """Those that it has then are told; caches are told, and the audit."""
    store = OneKey(KEY)
    told = run(store, asked, "api.api_1.update_key")
    assert store.update is not None
    assert store.update.permissions == frozenset(after)
    assert not store.update.make_permissions
    assert [(each.id, each.slug) for each in told] == [("perm_1", "a.read")]
    assert store.forgotten == [b"digest"]
    assert [row.target_id for row in store.rows] == ["key_1"]


@pytest.mark.parametrize("run", [add, replaced])
def test_permissions_are_made_by_who_may(run: Callable[..., Any]) -> None:
    """Others may give those that there are."""
    store = OneKey(KEY)
    run(store, ["b"], "api.*.update_key", "rbac.*.create_permission")
    assert store.update is not None
    assert store.update.make_permissions


def test_what_is_no_permission_is_not_taken() -> None:
    """A name that is misspelt is told."""
    store = OneKey(KEY)
    with pytest.raises(Fault, match="permission_not_found"):
        remove(store, ["a.read", "nobodys"])
    assert store.update is None


@pytest.mark.parametrize("run", [add, replaced, remove])
@pytest.mark.parametrize(
    ("held", "workspace", "kind"),
    [
        ("api.api_2.update_key", "ws_1", Kind.FORBIDDEN),
        ("api.*.update_key", "ws_2", Kind.NOT_FOUND),
    ],
)
def test_others_change_nothing(
    run: Callable[..., Any], held: str, workspace: str, kind: Kind
) -> None:
    """Another workspace's key is not there. Nor are they told which permissions there are."""
    for asked in ("a.read", "nobodys"):
        store = OneKey(KEY)
        with pytest.raises(Fault) as refused:
            run(store, [asked], held, workspace=workspace)
        assert refused.value.kind is kind
        assert refused.value.code in ("insufficient_permissions", "key_not_found")
        assert store.update is None
