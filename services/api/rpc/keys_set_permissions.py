"""POST /v2/keys.setPermissions"""

from services.api import shown
from services.api.domain.rights import Right
from services.api.ports import KeyUpdate
from services.api.rpc.call import Call, Operation
from services.api.rpc.key_changes import KeyChanges
from services.api.wire.common import Permission
from services.api.wire.keys import SET_PERMISSIONS, SetPermissionsRequest


def operation(changes: KeyChanges) -> Operation[SetPermissionsRequest, list[Permission]]:
    """The operation, on that store."""

    def run(call: Call, asked: SetPermissionsRequest) -> list[Permission]:
        """Replaces a key's own permissions; those of its roles stay."""
        changed = changes.make(
            call,
            asked.key_id,
            lambda key: KeyUpdate(
                key=key,
                permissions=frozenset(asked.permissions),
                make_permissions=call.may(Right.CREATE_PERMISSION.on()),
            ),
            "key.set_permissions",
            permissions=asked.permissions,
        )
        return [shown.permission(each) for each in changed.permissions]

    return Operation(SET_PERMISSIONS, SetPermissionsRequest, run)
