"""Permissions are made, found, listed, and taken from whatever has them."""

import pytest

from services.api.integration.routes.room import Room
from services.api.testutil.harness import ApiHarness
from services.api.wire.permissions import (
    CREATE_PERMISSION,
    DELETE_PERMISSION,
    GET_PERMISSION,
    LIST_PERMISSIONS,
    CreatePermissionRequest,
    DeletePermissionRequest,
    GetPermissionRequest,
    ListPermissionsRequest,
)
from services.api.wire.verification import VERIFY_KEY, VerifyKeyRequest


def test_create_permission_makes_a_permission(h: ApiHarness, room: Room, key: str) -> None:
    """With all that was asked, and an audit row."""
    asked = CreatePermissionRequest(name="may read ä", slug="a.read:b-c_*", description="reads")
    made = h.call(CREATE_PERMISSION, asked, key).ok.data.permission_id
    told = h.call(GET_PERMISSION, GetPermissionRequest(permission=made), key).ok.data
    assert (told.id, told.name, told.slug) == (made, "may read ä", "a.read:b-c_*")
    assert told.description == "reads"
    [row] = h.changes(room.id)
    assert (row.event, row.target_id) == ("permission.create", made)


def test_get_permission_finds_by_id_or_slug(h: ApiHarness, room: Room, key: str) -> None:
    """The same one; nothing is changed."""
    for name in (room.permission.id, room.permission.slug):
        told = h.call(GET_PERMISSION, GetPermissionRequest(permission=name), key).ok.data
        assert (told.id, told.slug) == (room.permission.id, room.permission.slug)
        assert told.description is None
    assert room.untouched


def test_list_permissions_has_all_page_by_page(h: ApiHarness, room: Room, key: str) -> None:
    """In the order of their ids, each once."""
    ids = sorted(h.create_permission(room.id).id for _ in range(3))
    first = h.call(LIST_PERMISSIONS, ListPermissionsRequest(limit=2), key).ok
    assert first.pagination.has_more
    assert first.pagination.cursor is not None
    asked = ListPermissionsRequest(limit=2, cursor=first.pagination.cursor)
    second = h.call(LIST_PERMISSIONS, asked, key).ok
    assert [each.id for each in (*first.data, *second.data)] == ids
    assert (second.pagination.has_more, second.pagination.cursor) == (False, None)


@pytest.mark.parametrize("search", ["A.R", "MAY R", "all of", "%", "a_read", "nothing"])
def test_list_permissions_searches(h: ApiHarness, room: Room, key: str, search: str) -> None:
    """In slug, name and description, in any case; no character has another meaning."""
    found = h.create_permission(room.id, "a.read", name="may read", description="All of it")
    h.create_permission(room.id, "b")
    asked = ListPermissionsRequest(search=search)
    ids = [each.id for each in h.call(LIST_PERMISSIONS, asked, key).ok.data]
    assert ids == ([found.id] if search in ("A.R", "MAY R", "all of") else [])


def test_delete_permission_takes_it_from_keys_and_roles(
    h: ApiHarness, room: Room, key: str
) -> None:
    """As the next verification sees, which the caches would answer."""
    role = h.create_role(room.id, permissions=["a.read"])
    owners = [
        h.create_key(room.api, permissions=["a.read"]),
        h.create_key(room.api, roles=[role.name]),
    ]
    shown = [VerifyKeyRequest(key=each.text, permissions="a.read") for each in owners]
    assert all(h.call(VERIFY_KEY, each, key).ok.data.valid for each in shown)
    assert h.call(DELETE_PERMISSION, DeletePermissionRequest(permission="a.read"), key).ok
    codes = [h.call(VERIFY_KEY, each, key).ok.data.code for each in shown]
    assert codes == ["INSUFFICIENT_PERMISSIONS"] * 2
    assert h.call(GET_PERMISSION, GetPermissionRequest(permission="a.read"), key).status == 404
    assert [row.event for row in h.changes(room.id)] == ["permission.delete"]
