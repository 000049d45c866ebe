"""POST /v2/ratelimit.getOverride"""

from services.api.domain.rights import Right
from services.api.rpc import overrides
from services.api.rpc.call import Call, Operation
from services.api.rpc.namespaces import Rooms
from services.api.wire.ratelimit import GET_OVERRIDE, GetOverrideRequest, Override


def operation(rooms: Rooms) -> Operation[GetOverrideRequest, Override]:
    """The operation, on that store."""

    def run(call: Call, asked: GetOverrideRequest) -> Override:
        """The override that was set for exactly that identifier or pattern."""
        namespace = rooms.stored(call, asked.namespace, Right.READ_OVERRIDE)
        return overrides.show(overrides.of_pattern(rooms, namespace, asked.identifier))

    return Operation(GET_OVERRIDE, GetOverrideRequest, run)
