"""POST /v2/keys.addPermissions"""

from services.api import shown
from services.api.domain.rights import Right
from services.api.ports import KeyUpdate
from services.api.rpc.call import Call, Operation
from services.api.rpc.key_changes import KeyChanges
from services.api.wire.common import Permission
from services.api.wire.keys import ADD_PERMISSIONS, AddPermissionsRequest


def operation(changes: KeyChanges) -> Operation[AddPermissionsRequest, list[Permission]]:
    """The operation, on that store."""

    def run(call: Call, asked: AddPermissionsRequest) -> list[Permission]:
        """Gives a key permissions, beside those that it has; returns all of its own."""
        changed = changes.make(
            call,
            asked.key_id,
            lambda key: KeyUpdate(
                key=key,
                permissions=key.own_permissions | set(asked.permissions),
                make_permissions=call.may(Right.CREATE_PERMISSION.on()),
            ),
            "key.add_permissions",
            permissions=asked.permissions,
        )
        return [shown.permission(each) for each in changed.permissions]

    return Operation(ADD_PERMISSIONS, AddPermissionsRequest, run)
