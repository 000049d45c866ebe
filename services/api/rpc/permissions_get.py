"""POST /v2/permissions.getPermission"""

from services.api import shown
from services.api.domain.rights import Right
from services.api.ports import Permissions
from services.api.rpc.call import Call, Operation
from services.api.rpc.errors import not_found
from services.api.wire.common import Permission
from services.api.wire.permissions import GET_PERMISSION, GetPermissionRequest


def operation(permissions: Permissions) -> Operation[GetPermissionRequest, Permission]:
    """The operation, on that store."""

    def run(call: Call, asked: GetPermissionRequest) -> Permission:
        """A permission, by id or slug."""
        call.require(Right.READ_PERMISSION.on())
        found = permissions.find(call.workspace_id, asked.permission)
        if found is None:
            raise not_found("permission")
        return shown.permission(found)

    return Operation(GET_PERMISSION, GetPermissionRequest, run)
