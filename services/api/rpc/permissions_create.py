"""POST /v2/permissions.createPermission"""

from msgspec import UNSET

from pkg import uid
from pkg.clock import Clock
from pkg.fault import Fault, Kind
from services.api.domain.rights import Right
from services.api.domain.stored import Permission
from services.api.ports import Permissions, Taken
from services.api.rpc.call import Call, Operation
from services.api.rpc.changes import change
from services.api.wire.permissions import (
    CREATE_PERMISSION,
    CreatedPermission,
    CreatePermissionRequest,
)


def operation(
    permissions: Permissions, clock: Clock
) -> Operation[CreatePermissionRequest, CreatedPermission]:
    """The operation, on that store."""

    def run(call: Call, asked: CreatePermissionRequest) -> CreatedPermission:
        """Makes a permission that keys can have. Its slug is no other one's of the workspace."""
        call.require(Right.CREATE_PERMISSION.on())
        made = Permission(
            uid.new("perm", clock),
            asked.name,
            asked.slug,
            None if asked.description is UNSET else asked.description or None,
        )
        row = change(call, clock, "permission.create", made.id, slug=made.slug)
        try:
            permissions.add(call.workspace_id, made, row)
        except Taken as error:
            raise Fault(
                Kind.CONFLICT, "permission_exists", "There is a permission of that slug already."
            ) from error
        return CreatedPermission(permission_id=made.id)

    return Operation(CREATE_PERMISSION, CreatePermissionRequest, run)
