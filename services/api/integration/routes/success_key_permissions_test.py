"""Keys get permissions and lose them."""

from collections.abc import Callable
from typing import Any

import pytest

from services.api.integration.routes.room import Room
from services.api.testutil.harness import ApiHarness
from services.api.testutil.seeds import SeededKey
from services.api.wire.common import Permission, Success
from services.api.wire.keys import (
    ADD_PERMISSIONS,
    REMOVE_PERMISSIONS,
    SET_PERMISSIONS,
    AddPermissionsRequest,
    RemovePermissionsRequest,
    SetPermissionsRequest,
)
from services.api.wire.route import Route
from services.api.wire.verification import VERIFY_KEY, VerifyKeyRequest

Change = Callable[[Route[Success[list[Permission]]], Any], list[str]]


@pytest.fixture
def target(h: ApiHarness, room: Room) -> SeededKey:
    """A key that has two permissions of its own, and one by a role."""
    role = h.create_role(room.id, permissions=["by.role"])
    return h.create_key(room.api, permissions=["a.read", "a.write"], roles=[role.name])


@pytest.fixture
def change(h: ApiHarness, room: Room, target: SeededKey) -> Change:
    """Changes its permissions; returns the slugs of those that it then has of its own."""

    def made(route: Route[Success[list[Permission]]], asked: Any) -> list[str]:
        slugs = [each.slug for each in h.call(route, asked, room.root_key()).ok.data]
        stored = h.keys.find(room.id, target.id)
        assert stored is not None
        assert stored.own_permissions == set(slugs)
        assert stored.permissions == {*slugs, "by.role"}
        return slugs

    return made


def test_add_permissions_keeps_what_there_is(change: Change, target: SeededKey) -> None:
    """New ones are made, and what it has already it has once; in the order of their slugs."""
    asked = AddPermissionsRequest(key_id=target.id, permissions=["new", "a.read", "new"])
    assert change(ADD_PERMISSIONS, asked) == ["a.read", "a.write", "new"]


def test_remove_permissions_takes_by_slug_or_id(
    h: ApiHarness, room: Room, change: Change, target: SeededKey
) -> None:
    """Also what it has not got; by its role it keeps what that gives."""
    other = h.create_permission(room.id)
    asked = RemovePermissionsRequest(key_id=target.id, permissions=["a.read", "by.role", other.id])
    assert change(REMOVE_PERMISSIONS, asked) == ["a.write"]


def test_set_permissions_replaces_all(change: Change, target: SeededKey) -> None:
    """By others, or by none."""
    asked = SetPermissionsRequest(key_id=target.id, permissions=["b", "a.write"])
    assert change(SET_PERMISSIONS, asked) == ["a.write", "b"]
    assert change(SET_PERMISSIONS, SetPermissionsRequest(key_id=target.id, permissions=[])) == []


@pytest.mark.parametrize(
    ("route", "request_of", "event"),
    [
        (ADD_PERMISSIONS, AddPermissionsRequest, "key.add_permissions"),
        (REMOVE_PERMISSIONS, RemovePermissionsRequest, "key.remove_permissions"),
        (SET_PERMISSIONS, SetPermissionsRequest, "key.set_permissions"),
    ],
)
def test_a_change_has_an_audit_row(
    h: ApiHarness, room: Room, target: SeededKey, route: Any, request_of: Any, event: str
) -> None:
    """With the slugs."""
    asked = request_of(key_id=target.id, permissions=["a.read"])
    assert h.call(route, asked, room.root_key()).status == 200
    [row] = h.changes(room.id)
    assert (row.event, row.target_id) == (event, target.id)
    assert row.details == {"permissions": ["a.read"]}


def test_a_change_is_seen_by_the_next_verification(
    h: ApiHarness, room: Room, target: SeededKey
) -> None:
    """Which the caches would answer."""
    key = room.root_key()
    shown = VerifyKeyRequest(key=target.text, permissions="b")
    assert h.call(VERIFY_KEY, shown, key).ok.data.code == "INSUFFICIENT_PERMISSIONS"
    asked = AddPermissionsRequest(key_id=target.id, permissions=["b"])
    assert h.call(ADD_PERMISSIONS, asked, key).status == 200
    assert h.call(VERIFY_KEY, shown, key).ok.data.valid
