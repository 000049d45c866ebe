"""POST /v2/keys.removePermissions"""

from services.api import shown
from services.api.domain.key import Key
from services.api.ports import KeyUpdate, Permissions
from services.api.rpc.call import Call, Operation
from services.api.rpc.errors import not_found
from services.api.rpc.key_changes import KeyChanges
from services.api.wire.common import Permission
from services.api.wire.keys import REMOVE_PERMISSIONS, RemovePermissionsRequest


def operation(
    changes: KeyChanges, permissions: Permissions
) -> Operation[RemovePermissionsRequest, list[Permission]]:
    """The operation, on that store."""

    def run(call: Call, asked: RemovePermissionsRequest) -> list[Permission]:
        """Takes permissions of its own from a key, by slug or id; returns those that are left."""
        found = permissions.find_all(call.workspace_id, asked.permissions, latest=True)
        gone = frozenset(each.slug for each in found.values())

        def work(key: Key) -> KeyUpdate:
            # Not before: which permissions there are is told to who may update the key.
            if len(found) < len(set(asked.permissions)):
                raise not_found("permission")
            return KeyUpdate(key=key, permissions=key.own_permissions - gone)

        changed = changes.make(
            call, asked.key_id, work, "key.remove_permissions", permissions=sorted(gone)
        )
        return [shown.permission(each) for each in changed.permissions]

    return Operation(REMOVE_PERMISSIONS, RemovePermissionsRequest, run)
