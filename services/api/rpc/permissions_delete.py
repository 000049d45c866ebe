"""POST /v2/permissions.deletePermission"""

from collections.abc import Callable, Sequence

from pkg.clock import Clock
from services.api.domain.rights import Right
from services.api.ports import Permissions
from services.api.rpc.call import Call, Operation
from services.api.rpc.changes import change
from services.api.rpc.errors import not_found
from services.api.wire.common import Empty
from services.api.wire.permissions import DELETE_PERMISSION, DeletePermissionRequest


def operation(
    permissions: Permissions, forget: Callable[[Sequence[bytes]], None], clock: Clock
) -> Operation[DeletePermissionRequest, Empty]:
    """The operation, on that store.

    Args:
        forget: tells the caches that the keys of those digests have changed.
    """

    def run(call: Call, asked: DeletePermissionRequest) -> Empty:
        """Deletes a permission, and takes it from all keys and roles."""
        call.require(Right.DELETE_PERMISSION.on())
        found = permissions.find(call.workspace_id, asked.permission, latest=True)
        if found is None:
            raise not_found("permission")
        row = change(call, clock, "permission.delete", found.id, slug=found.slug)
        forget(permissions.remove(found, row))
        return Empty()

    return Operation(DELETE_PERMISSION, DeletePermissionRequest, run)
