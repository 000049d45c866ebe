"""Requests for permissions."""

from services.api.domain.rights import Right
from services.api.integration.routes.cases.case import Need, case
from services.api.wire import permissions as wire

CASES = (
    case(
        wire.CREATE_PERMISSION,
        lambda room: wire.CreatePermissionRequest(name="may read", slug="a.read"),
        Need(Right.CREATE_PERMISSION),
    ),
    case(
        wire.GET_PERMISSION,
        lambda room: wire.GetPermissionRequest(permission=room.permission.slug),
        Need(Right.READ_PERMISSION),
    ),
    case(
        wire.LIST_PERMISSIONS,
        lambda room: wire.ListPermissionsRequest(),
        Need(Right.READ_PERMISSION),
    ),
    case(
        wire.DELETE_PERMISSION,
        lambda room: wire.DeletePermissionRequest(permission=room.permission.slug),
        Need(Right.DELETE_PERMISSION),
    ),
)
