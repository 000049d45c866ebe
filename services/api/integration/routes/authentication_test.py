"""Every route lets in who brings a root key that is valid, and nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.api.domain import secret
from services.api.integration.routes.cases import FIRST, Case
from services.api.integration.routes.room import Room
from services.api.testutil.analytics import AnalyticsHarness
from services.api.wire import LIVENESS

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
every_route = pytest.mark.parametrize("case", FIRST, ids=str)


def expired(h: AnalyticsHarness, room: Room) -> str:
    """The text of a root key that expires now."""
    return h.create_root_key(room.id, expires_at=h.clock.now())


def of_a_disabled_workspace(h: AnalyticsHarness, _: Room) -> str:
    """The text of a root key that would be valid but for its workspace."""
    return h.create_root_key(h.create_workspace(enabled=False).id)


# What is in the header Authorization; None for no such header.
WRONG: dict[str, Callable[[AnalyticsHarness, Room], str | None]] = {
    "none": lambda h, room: None,
    "empty": lambda h, room: "",
    "no text": lambda h, room: "Bearer",
    "no scheme": lambda h, room: room.root_key(),
    "another scheme": lambda h, room: f"Basic {room.root_key()}",
    "nobody's": lambda h, room: f"Bearer {secret.new('root', 32).text}",
    "not all of it": lambda h, room: f"Bearer {room.root_key()[:-1]}",
    "too long": lambda h, room: f"Bearer {'a' * 513}",
    "a key's": lambda h, room: f"Bearer {room.key.text}",
    "expired": lambda h, room: f"Bearer {expired(h, room)}",
    "of a disabled workspace": lambda h, room: f"Bearer {of_a_disabled_workspace(h, room)}",
}


@pytest.fixture(scope="module")
def room(h: AnalyticsHarness) -> Room:
    """One for all: nothing is done in it."""
    return Room(h)


@every_route
@pytest.mark.parametrize("wrong", WRONG)
def test_who_brings_no_valid_root_key_is_refused(
    h: AnalyticsHarness, room: Room, case: Case, wrong: str
) -> None:
    """All alike, and nothing is done."""
    given = WRONG[wrong](h, room)
    headers = {} if given is None else {"authorization": given}
    refused = h.call(case.route, case.body(room), headers=headers)
    assert (refused.status, refused.code) == (401, "unauthenticated")
    assert refused.error == h.call(case.route, case.body(room)).error
    assert refused.headers["www-authenticate"] == "Bearer"
    assert room.untouched


@every_route
def test_a_stranger_learns_nothing_of_the_body(h: AnalyticsHarness, room: Room, case: Case) -> None:
    """Whether it is one that the route takes."""
    nobodys = secret.new("root", 32).text
    for key in (None, nobodys):
        refused = h.call(case.route, b"{", key)
        assert refused.error == h.call(case.route, case.body(room), key).error
        assert refused.status == 401


@every_route
def test_a_root_key_that_is_disabled_is_told_so(
    h: AnalyticsHarness, room: Room, case: Case
) -> None:
    """To who has its text; nothing is done."""
    disabled = h.create_root_key(room.id, enabled=False)
    refused = h.call(case.route, case.body(room), disabled)
    assert (refused.status, refused.code) == (403, "root_key_disabled")
    assert room.untouched


@every_route
def test_a_root_key_is_valid_until_it_expires(h: AnalyticsHarness, case: Case) -> None:
    """And not from that moment on."""
    room = Room(h)
    key = h.create_root_key(room.id, expires_at=h.clock.now() + HOUR)
    body = case.body(room)
    h.clock.advance(HOUR - SECOND)
    assert h.call(case.route, body, key).status == 200
    h.clock.advance(SECOND)
    assert h.call(case.route, body, key).status == 401


def test_liveness_asks_for_no_root_key(h: AnalyticsHarness) -> None:
    """And looks at none."""
    for key in (None, "nobodys"):
        assert h.call(LIVENESS, key=key).ok.data.message == "OK"
