"""A request for each route that succeeds, and the rights that it needs: no more, and no less.

A route has several where only some of its requests need a right.
"""

from services.api.integration.routes.cases import analytics, apis, keys, permissions, ratelimit
from services.api.integration.routes.cases.case import Case, Need

CASES = (*apis.CASES, *keys.CASES, *permissions.CASES, *ratelimit.CASES, *analytics.CASES)
# One for each route.
FIRST = tuple({case.route.name: case for case in reversed(CASES)}.values())

__all__ = ["CASES", "FIRST", "Case", "Need"]
