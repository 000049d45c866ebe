"""Questions about what was verified."""

from typing import Annotated, Any

from services.api.wire.common import Request, Success, text
from services.api.wire.route import Route


class GetVerificationsRequest(Request):
    """A SELECT over the caller's own verifications."""

    query: Annotated[str, text(1, 16 << 10)]


GET_VERIFICATIONS = Route(
    "analytics.getVerifications",
    GetVerificationsRequest,
    Success[list[dict[str, Any]]],
    (422, 503),
)
ROUTES = (GET_VERIFICATIONS,)
