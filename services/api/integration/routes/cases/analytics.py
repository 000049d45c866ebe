"""Questions about verifications."""

from services.api.domain.rights import Right
from services.api.integration.routes.cases.case import api, case
from services.api.wire import analytics as wire

CASES = (
    case(
        wire.GET_VERIFICATIONS,
        lambda room: wire.GetVerificationsRequest(
            query=f"SELECT outcome FROM key_verifications_v1 WHERE key_id = '{room.verified.id}'"
        ),
        # Who may ask for other APIs alone is told of none of this one's.
        api(Right.READ_ANALYTICS, elsewhere=200),
    ),
)
