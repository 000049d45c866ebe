"""POST /v2/analytics.getVerifications"""

from typing import Any

from pkg.fault import Fault, Kind
from services.api.analytics.guard import NotTaken
from services.api.analytics.verifications import Busy, NotUnderstood, TooMuch, Verifications
from services.api.domain import rights
from services.api.domain.faults import invalid
from services.api.domain.rights import Right
from services.api.rpc.call import Call, Operation
from services.api.wire.analytics import GET_VERIFICATIONS, GetVerificationsRequest

_WHERE = "body.query"


def operation(
    verifications: Verifications | None,
) -> Operation[GetVerificationsRequest, list[dict[str, Any]]]:
    """The operation, on ClickHouse; None if the instance has none."""

    def run(call: Call, asked: GetVerificationsRequest) -> list[dict[str, Any]]:
        """Rows of a SELECT over the verifications of all APIs that the root key may read."""
        held = call.root_key.permissions
        if not rights.anywhere(held, Right.READ_ANALYTICS):
            call.require(Right.READ_ANALYTICS.on())
        if verifications is None:
            raise Fault(
                Kind.UNAVAILABLE,
                "analytics_not_configured",
                "This installation keeps no analytics.",
                "set API_CLICKHOUSE_URL",
            )
        apis = rights.where(held, Right.READ_ANALYTICS)
        try:
            return verifications.query(asked.query, call.workspace_id, apis)
        except NotTaken as refused:
            raise invalid(_WHERE, refused.message, refused.fix) from refused
        except NotUnderstood as refused:
            raise invalid(_WHERE, f"ClickHouse does not take it: {refused}") from refused
        except TooMuch as refused:
            raise Fault(
                Kind.REFUSED,
                "query_too_expensive",
                f"The query takes too much: {refused}. Ask for a shorter time, or for fewer rows.",
            ) from refused
        except Busy as refused:
            raise Fault(
                Kind.TOO_MANY,
                "too_many_queries",
                "Other queries are being answered; try again.",
            ) from refused

    return Operation(GET_VERIFICATIONS, GetVerificationsRequest, run)
