"""POST /v2/ratelimit.multiLimit"""

from services.api.domain.times import milliseconds
from services.api.limiting import Limits
from services.api.rpc.call import Call, Operation
from services.api.rpc.namespaces import Rooms
from services.api.wire import ratelimit as wire
from services.api.wire.ratelimit import MULTI_LIMIT, LimitCheck, LimitRequest, MultiLimited


def operation(rooms: Rooms, limits: Limits) -> Operation[list[LimitRequest], MultiLimited]:
    """The operation, on that store and those limits."""

    def run(call: Call, asked: list[LimitRequest]) -> MultiLimited:
        """Several limits, each decided for itself; `passed` tells whether all let it through."""
        # All names first: nothing is counted of a request that is refused.
        spaces = [rooms.open(call, each.namespace) for each in asked]
        decided = limits.take_each(list(zip(spaces, asked, strict=True)))
        return MultiLimited(
            passed=all(each.passed for each in decided),
            limits=[
                LimitCheck(
                    namespace=each.namespace,
                    identifier=each.identifier,
                    limit=found.limit,
                    remaining=found.remaining,
                    reset=milliseconds(found.reset),
                    passed=found.passed,
                    override_id=found.override_id,
                )
                for each, found in zip(asked, decided, strict=True)
            ],
        )

    return Operation(MULTI_LIMIT, wire.Limits, run)
