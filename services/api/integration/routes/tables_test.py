"""Every route has its place in the tables that the tests of all routes go by."""

from services.api.integration.routes.bounds import BOUNDS
from services.api.integration.routes.cases import CASES, FIRST
from services.api.integration.routes.namings import NAMELESS, NAMINGS
from services.api.wire import LIVENESS, ROUTES

# Liveness asks nobody who it is, and takes nothing.
NAMES = [route.name for route in ROUTES if route is not LIVENESS]


def test_every_route_has_a_request_that_succeeds() -> None:
    """With the rights that it needs."""
    assert {case.route.name for case in CASES} == set(NAMES)
    assert len(FIRST) == len(NAMES)
    assert all(case.needs for case in CASES)


def test_of_every_route_it_is_said_what_its_requests_name() -> None:
    """Or that they name nothing."""
    naming = {each.route.name for each in NAMINGS}
    assert naming | set(NAMELESS) == set(NAMES)
    assert naming.isdisjoint(NAMELESS)


def test_every_route_has_a_request_that_is_refused() -> None:
    """But for what is refused at all of them."""
    assert {each.route.name for each in BOUNDS} == set(NAMES)


def test_ids_tell_tests_apart() -> None:
    """No two have the same."""
    for table in (CASES, NAMINGS, BOUNDS):
        ids = [str(each) for each in table]
        assert len(set(ids)) == len(ids)
