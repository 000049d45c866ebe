"""POST /v2/ratelimit.listOverrides"""

from services.api.domain.rights import Right
from services.api.rpc import overrides
from services.api.rpc.call import Call, Listed, Operation
from services.api.rpc.namespaces import Rooms
from services.api.rpc.paging import page
from services.api.wire.ratelimit import LIST_OVERRIDES, ListOverridesRequest, Override


def operation(rooms: Rooms) -> Operation[ListOverridesRequest, Listed[Override]]:
    """The operation, on that store."""

    def run(call: Call, asked: ListOverridesRequest) -> Listed[Override]:
        """A page of a name space's overrides."""
        namespace = rooms.stored(call, asked.namespace, Right.READ_OVERRIDE)
        return page(
            lambda after, limit: rooms.namespaces.page(namespace.id, after, limit),
            asked.cursor,
            asked.limit,
            overrides.show,
            lambda override: override.id,
        )

    return Operation(LIST_OVERRIDES, ListOverridesRequest, run)
