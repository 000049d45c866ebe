"""Every route has a test of what it does."""

import re

from services.api.integration.routes import (
    success_analytics_test,
    success_apis_test,
    success_key_permissions_test,
    success_keys_test,
    success_permissions_test,
    success_ratelimit_test,
    success_verify_key_test,
)
from services.api.integration.routes.cases import FIRST

MODULES = (
    success_analytics_test,
    success_apis_test,
    success_key_permissions_test,
    success_keys_test,
    success_permissions_test,
    success_ratelimit_test,
    success_verify_key_test,
)


def test_every_route_has_a_test_of_what_it_does() -> None:
    """Whose name begins with the route's: apis.createApi has test_create_api_…"""
    tests = [name for module in MODULES for name in vars(module)]
    untested = [
        case.route.name
        for case in FIRST
        if not any(name.startswith(f"test_{snake(case.route.name)}_") for name in tests)
    ]
    assert untested == []


def snake(route: str) -> str:
    """The operation's name, as functions have it."""
    operation = route.partition(".")[2]
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", operation)
