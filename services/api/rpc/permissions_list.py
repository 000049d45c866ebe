"""POST /v2/permissions.listPermissions"""

from msgspec import UNSET

from services.api import shown
from services.api.domain.rights import Right
from services.api.ports import Permissions
from services.api.rpc.call import Call, Listed, Operation
from services.api.rpc.paging import page
from services.api.wire.common import Permission
from services.api.wire.permissions import LIST_PERMISSIONS, ListPermissionsRequest


def operation(
    permissions: Permissions,
) -> Operation[ListPermissionsRequest, Listed[Permission]]:
    """The operation, on that store."""

    def run(call: Call, asked: ListPermissionsRequest) -> Listed[Permission]:
        """A page of the permissions, all or those that have a text in them."""
        call.require(Right.READ_PERMISSION.on())
        search = None if asked.search is UNSET else asked.search or None
        return page(
            lambda after, limit: permissions.page(call.workspace_id, search, after, limit),
            asked.cursor,
            asked.limit,
            shown.permission,
            lambda permission: permission.id,
        )

    return Operation(LIST_PERMISSIONS, ListPermissionsRequest, run)
