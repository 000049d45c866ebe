"""What goes over the wire: one struct for each request and each answer, and the list of routes."""

from services.api.wire import analytics, apis, common, keys, permissions, ratelimit, verification
from services.api.wire.route import Route

LIVENESS = Route("liveness", None, common.Success[common.Health])
ROUTES = (
    LIVENESS,
    *apis.ROUTES,
    *keys.ROUTES,
    *verification.ROUTES,
    *permissions.ROUTES,
    *ratelimit.ROUTES,
    *analytics.ROUTES,
)

__all__ = ["LIVENESS", "ROUTES", "Route"]
