"""Permissions that keys can have."""

from typing import Annotated

from msgspec import UNSET, UnsetType

from services.api.wire.common import (
    Answer,
    Cursor,
    Empty,
    Page,
    PageSize,
    Permission,
    Request,
    Slug,
    Success,
    text,
)
from services.api.wire.route import Route


class CreatePermissionRequest(Request):
    """A permission: its slug is what queries ask for, its name is for people."""

    name: Annotated[str, text(1, 512)]
    slug: Slug
    description: Annotated[str, text(0, 512)] | UnsetType = UNSET


class CreatedPermission(Answer):
    """The new permission."""

    permission_id: str


class GetPermissionRequest(Request):
    """Which permission is asked for, by id or slug."""

    permission: Slug


class ListPermissionsRequest(Request):
    """A page of the permissions.

    Attributes:
        cursor: the previous page's.
        search: only those with this in their id, name, slug or description, in any case.
    """

    cursor: Cursor | UnsetType = UNSET
    limit: PageSize = 100
    search: Annotated[str, text(0, 256)] | UnsetType = UNSET


class DeletePermissionRequest(Request):
    """Which permission goes, from all keys and roles too; by id or slug."""

    permission: Slug


CREATE_PERMISSION = Route(
    "permissions.createPermission", CreatePermissionRequest, Success[CreatedPermission], (409,)
)
GET_PERMISSION = Route(
    "permissions.getPermission", GetPermissionRequest, Success[Permission], (404,)
)
LIST_PERMISSIONS = Route("permissions.listPermissions", ListPermissionsRequest, Page[Permission])
DELETE_PERMISSION = Route(
    "permissions.deletePermission", DeletePermissionRequest, Success[Empty], (404,)
)
ROUTES = (CREATE_PERMISSION, GET_PERMISSION, LIST_PERMISSIONS, DELETE_PERMISSION)
