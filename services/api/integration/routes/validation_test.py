"""A request that is not as it has to be is refused, told where, and changes nothing."""

from typing import Any

import pytest

from services.api.integration.routes.bounds import BOUNDS, Bound
from services.api.integration.routes.cases import FIRST, Case
from services.api.integration.routes.room import Room
from services.api.testutil import examples
from services.api.testutil.analytics import AnalyticsHarness
from services.api.testutil.calling import Reply
from services.api.wire.permissions import CREATE_PERMISSION, CreatePermissionRequest

SECRET = "a_secret_of_somebodys"
every_route = pytest.mark.parametrize("case", FIRST, ids=str)
# Is a text, a number, a list and an object to nobody.
NOTHING = 1.5
NO_BODIES = [b"", b"{", b"\xff", b"null", b'"text"', b"1.5", b"[1.5]", b'{"a": 1} {}']


@pytest.fixture(scope="module")
def room(h: AnalyticsHarness) -> Room:
    """One for all: nothing is changed in it."""
    return Room(h)


@pytest.fixture(scope="module")
def key(room: Room) -> str:
    """The text of a root key that may do everything."""
    return room.root_key()


def wrong(reply: Reply[Any]) -> list[str]:
    """Where a request is wrong, as its answer tells."""
    assert (reply.status, reply.code) == (400, "invalid_request"), reply.content
    assert reply.error.errors is not None
    assert all(each.message for each in reply.error.errors)
    return [each.location for each in reply.error.errors]


def at(case: Case, field: str) -> str:
    """A field of a request; of a list's first item, if it is one."""
    return f"body[0].{field}" if is_list(case) else f"body.{field}"


def is_list(case: Case) -> bool:
    """Whether the body is a list."""
    return isinstance(examples.example(case.route.request, whole=True), list)


def fields(case: Case, *, whole: bool) -> dict[str, Any]:
    """The fields of a request of the right form; of an item, if it is a list."""
    found = examples.example(case.route.request, whole=whole)
    form: dict[str, Any] = found[0] if is_list(case) else found
    return form


def body(case: Case, given: dict[str, Any]) -> Any:
    """The request of these fields."""
    return [given] if is_list(case) else given


@every_route
@pytest.mark.parametrize("content", NO_BODIES)
def test_what_is_no_request_is_refused(
    h: AnalyticsHarness, room: Room, key: str, case: Case, content: bytes
) -> None:
    """No JSON, no UTF-8, or of another type."""
    [where] = wrong(h.call(case.route, content, key))
    assert where.startswith("body")
    assert room.untouched


@every_route
def test_a_field_that_is_unknown_is_refused(
    h: AnalyticsHarness, room: Room, key: str, case: Case
) -> None:
    """A name that is misspelt does not pass for a default."""
    given = fields(case, whole=False) | {"nonsense": 1}
    assert wrong(h.call(case.route, body(case, given), key)) == [at(case, "nonsense")]
    assert room.untouched


@every_route
def test_a_field_that_is_missing_is_told(
    h: AnalyticsHarness, room: Room, key: str, case: Case
) -> None:
    """Each that has to be there."""
    least = fields(case, whole=False)
    for name in least:
        given = {other: value for other, value in least.items() if other != name}
        assert wrong(h.call(case.route, body(case, given), key)) == [at(case, name)]
    assert room.untouched


@every_route
def test_a_field_of_another_type_is_told(
    h: AnalyticsHarness, room: Room, key: str, case: Case
) -> None:
    """Whichever it is."""
    whole = fields(case, whole=True)
    for name in whole:
        given = whole | {name: NOTHING}
        assert wrong(h.call(case.route, body(case, given), key)) == [at(case, name)]
    assert room.untouched


@pytest.mark.parametrize("bound", BOUNDS, ids=str)
def test_what_makes_no_sense_is_refused(
    h: AnalyticsHarness, room: Room, key: str, bound: Bound
) -> None:
    """Of the right form, but out of bounds, or in contradiction to itself or to what is there."""
    assert wrong(h.call(bound.route, bound.body(room), key)) == [bound.at]
    assert room.untouched


@every_route
def test_a_body_says_that_it_is_json(h: AnalyticsHarness, room: Room, key: str, case: Case) -> None:
    """Another kind is not read."""
    refused = h.call(case.route, case.body(room), key, {"content-type": "text/plain"})
    assert (refused.status, refused.code) == (415, "unsupported_media_type")
    assert room.untouched


@every_route
def test_a_route_takes_no_other_method(h: AnalyticsHarness, key: str, case: Case) -> None:
    """And tells the one that it takes."""
    refused = h.served.http.get(case.route.path, headers={"authorization": f"Bearer {key}"})
    assert refused.status_code == 405
    assert "POST" in refused.headers["allow"]
    assert "GET" not in refused.headers["allow"]


def test_a_slug_that_is_taken_is_a_conflict(h: AnalyticsHarness, room: Room, key: str) -> None:
    """It is not the request that is to be mended."""
    again = CreatePermissionRequest(name="again", slug=room.permission.slug)
    refused = h.call(CREATE_PERMISSION, again, key)
    assert (refused.status, refused.code) == (409, "permission_exists")
    assert room.untouched


@every_route
def test_a_mistake_is_told_without_the_value(h: AnalyticsHarness, key: str, case: Case) -> None:
    """It may be a secret; it is in no log, either."""
    for name in fields(case, whole=False):
        given = fields(case, whole=True) | {name: {"secret": SECRET}}
        answer = h.call(case.route, body(case, given), key)
        wrong(answer)
        assert SECRET.encode() not in answer.content
    assert SECRET not in h.logs.text
