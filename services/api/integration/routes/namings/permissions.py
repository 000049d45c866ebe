"""What requests for permissions name."""

from services.api.integration.routes.namings.naming import PERMISSION, SLUG, Naming
from services.api.wire import permissions as wire

NAMINGS = tuple(
    Naming(route, kind, body)
    for kind in (PERMISSION, SLUG)
    for route, body in (
        (wire.GET_PERMISSION, lambda _, name: wire.GetPermissionRequest(permission=name)),
        (wire.DELETE_PERMISSION, lambda _, name: wire.DeletePermissionRequest(permission=name)),
    )
)
