"""POST /v2/ratelimit.setOverride"""

from pkg import uid
from services.api.domain.overrides import Override
from services.api.domain.rights import Right
from services.api.domain.times import duration
from services.api.rpc.call import Call, Operation
from services.api.rpc.changes import change
from services.api.rpc.namespaces import Rooms
from services.api.wire.ratelimit import SET_OVERRIDE, SetOverride, SetOverrideRequest


def operation(rooms: Rooms) -> Operation[SetOverrideRequest, SetOverride]:
    """The operation, on that store."""

    def run(call: Call, asked: SetOverrideRequest) -> SetOverride:
        """Sets the limit of an identifier, or of those of a pattern, instead of the requests'."""
        namespace = rooms.stored(call, asked.namespace, Right.SET_OVERRIDE)
        override = Override(
            uid.new("rlor", rooms.clock), asked.identifier, asked.limit, duration(asked.duration)
        )
        row = change(
            call,
            rooms.clock,
            "override.set",
            namespace.id,
            identifier=asked.identifier,
            limit=asked.limit,
            duration=asked.duration,
        )
        override_id = rooms.namespaces.set(namespace.id, override, row)
        rooms.spaces.forget(call.workspace_id, namespace, asked.namespace)
        return SetOverride(override_id=override_id)

    return Operation(SET_OVERRIDE, SetOverrideRequest, run)
