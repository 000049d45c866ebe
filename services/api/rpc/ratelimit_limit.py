"""POST /v2/ratelimit.limit"""

from services.api.domain.times import milliseconds
from services.api.limiting import Limits
from services.api.rpc.call import Call, Operation
from services.api.rpc.namespaces import Rooms
from services.api.wire.ratelimit import LIMIT, Limited, LimitRequest


def operation(rooms: Rooms, limits: Limits) -> Operation[LimitRequest, Limited]:
    """The operation, on that store and those limits."""

    def run(call: Call, asked: LimitRequest) -> Limited:
        """Whether something may be done now, and counts it. Always 200: `success` tells."""
        decided = limits.take(rooms.open(call, asked.namespace), asked)
        return Limited(
            limit=decided.limit,
            remaining=decided.remaining,
            reset=milliseconds(decided.reset),
            success=decided.passed,
            override_id=decided.override_id,
        )

    return Operation(LIMIT, LimitRequest, run)
