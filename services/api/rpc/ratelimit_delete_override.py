"""POST /v2/ratelimit.deleteOverride"""

from services.api.domain.rights import Right
from services.api.rpc import overrides
from services.api.rpc.call import Call, Operation
from services.api.rpc.changes import change
from services.api.rpc.namespaces import Rooms
from services.api.wire.common import Empty
from services.api.wire.ratelimit import DELETE_OVERRIDE, DeleteOverrideRequest


def operation(rooms: Rooms) -> Operation[DeleteOverrideRequest, Empty]:
    """The operation, on that store."""

    def run(call: Call, asked: DeleteOverrideRequest) -> Empty:
        """Deletes the override that was set for exactly that identifier or pattern."""
        namespace = rooms.stored(call, asked.namespace, Right.DELETE_OVERRIDE)
        override = overrides.of_pattern(rooms, namespace, asked.identifier)
        row = change(
            call, rooms.clock, "override.delete", namespace.id, identifier=asked.identifier
        )
        rooms.namespaces.unset(namespace.id, override, row)
        rooms.spaces.forget(call.workspace_id, namespace, asked.namespace)
        return Empty()

    return Operation(DELETE_OVERRIDE, DeleteOverrideRequest, run)
