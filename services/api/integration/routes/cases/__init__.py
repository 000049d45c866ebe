"""A request for each route that succeeds, and the rights that it needs: no more, and no less.

A route has several where only some of its requests need a right.
"""

from services.api import wire
from services.api.integration.routes.cases import analytics, apis, keys, permissions, ratelimit
from services.api.integration.routes.cases.case import Case, Need

CASES = (*apis.CASES, *keys.CASES, *permissions.CASES, *ratelimit.CASES, *analytics.CASES)
# One for each route.
FIRST = tuple({case.route.name: case for case in reversed(CASES)}.values())
# Those that change nothing, or nothing but what is left of credits and limits.
_UNAUDITED = {
    wire.analytics.GET_VERIFICATIONS,
    wire.apis.GET_API,
    wire.apis.LIST_KEYS,
    wire.keys.GET_KEY,
    wire.keys.WHOAMI,
    wire.permissions.GET_PERMISSION,
    wire.permissions.LIST_PERMISSIONS,
    wire.ratelimit.GET_OVERRIDE,
    wire.ratelimit.LIST_OVERRIDES,
    wire.verification.VERIFY_KEY,
}
_LIMITS = {wire.ratelimit.LIMIT, wire.ratelimit.MULTI_LIMIT}
# All others, of which the audit tells.
CHANGING = tuple(
    case
    for case in CASES
    if case.route not in _UNAUDITED and (case.what or case.route not in _LIMITS)
)

__all__ = ["CASES", "CHANGING", "FIRST", "Case", "Need"]
