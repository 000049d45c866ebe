"""Rates are limited in name spaces, and overrides take the place of what requests ask for."""

from typing import Any

from services.api.domain.times import milliseconds
from services.api.integration.routes.room import Room
from services.api.testutil.harness import ApiHarness
from services.api.wire.ratelimit import (
    DELETE_OVERRIDE,
    GET_OVERRIDE,
    LIMIT,
    LIST_OVERRIDES,
    MULTI_LIMIT,
    SET_OVERRIDE,
    DeleteOverrideRequest,
    GetOverrideRequest,
    LimitRequest,
    ListOverridesRequest,
    SetOverrideRequest,
)

MINUTE = 60_000


def asked(namespace: str, **given: Any) -> LimitRequest:
    """Two in a minute, of one user."""
    return LimitRequest(
        namespace=namespace, **{"identifier": "user_1", "limit": 2, "duration": MINUTE, **given}
    )


def test_limit_lets_through_what_is_left(h: ApiHarness, room: Room, key: str) -> None:
    """By the name space's name or id; what is refused costs nothing."""
    seen = [
        h.call(LIMIT, asked(name, cost=cost), key).ok.data
        for name, cost in [
            (room.namespace.name, 1),
            (room.namespace.id, 2),
            (room.namespace.id, 1),
            (room.namespace.name, 0),
        ]
    ]
    assert [each.success for each in seen] == [True, False, True, True]
    assert [each.remaining for each in seen] == [1, 1, 0, 0]
    assert [each.limit for each in seen] == [2] * 4
    assert seen[0].reset == milliseconds(h.clock.now()) + MINUTE
    assert room.untouched


def test_limit_is_whole_again_after_its_duration(h: ApiHarness, room: Room, key: str) -> None:
    """Each identifier for itself."""
    for identifier in ("user_1", "user_2"):
        whole = asked(room.namespace.name, identifier=identifier, cost=2)
        assert h.call(LIMIT, whole, key).ok.data.success
        assert not h.call(LIMIT, whole, key).ok.data.success
    h.clock.advance(60)
    assert h.call(LIMIT, asked(room.namespace.name, cost=2), key).ok.data.success


def test_limit_makes_a_name_space_once(h: ApiHarness, room: Room, key: str) -> None:
    """That is not there."""
    remaining = [h.call(LIMIT, asked("new ä"), key).ok.data.remaining for _ in range(2)]
    assert remaining == [1, 0]
    [row] = h.changes(room.id)
    assert (row.event, row.details) == ("namespace.create", {"name": "new ä"})


def test_limit_tells_of_a_name_space_that_is_gone(h: ApiHarness, room: Room, key: str) -> None:
    """Its name stays taken."""
    gone = h.create_namespace(room.id, deleted=True)
    for name in (gone.name, gone.id):
        refused = h.call(LIMIT, asked(name), key)
        assert (refused.status, refused.code) == (410, "namespace_gone")
        refused_all = h.call(MULTI_LIMIT, [asked(room.namespace.name), asked(name)], key)
        assert (refused_all.status, refused_all.code) == (410, "namespace_gone")
    left = h.call(LIMIT, asked(room.namespace.name, cost=0), key).ok.data.remaining
    assert left == 2  # nothing was counted
    assert room.untouched


def test_multi_limit_decides_each_for_itself(h: ApiHarness, room: Room, key: str) -> None:
    """In the request's order; all have to let it through."""
    other = h.create_namespace(room.id)
    several = [asked(other.name, cost=3), asked(room.namespace.name)]
    told = h.call(MULTI_LIMIT, several, key).ok.data
    assert not told.passed
    assert [(each.namespace, each.passed, each.remaining) for each in told.limits] == [
        (other.name, False, 2),
        (room.namespace.name, True, 1),
    ]
    assert h.call(MULTI_LIMIT, several[1:], key).ok.data.passed


def test_set_override_takes_the_place_of_requests(h: ApiHarness, room: Room, key: str) -> None:
    """At once, for those of its pattern; set again, it has the same id."""
    name = room.namespace.name
    assert h.call(LIMIT, asked(name), key).ok.data.override_id is None
    made = [
        h.call(
            SET_OVERRIDE,
            SetOverrideRequest(namespace=name, identifier="user_*", limit=limit, duration=1000),
            key,
        ).ok.data.override_id
        for limit in (9, 0)
    ]
    assert made[0] == made[1]
    told = h.call(LIMIT, asked(name), key).ok.data
    assert (told.success, told.limit, told.override_id) == (False, 0, made[0])
    assert h.call(LIMIT, asked(name, identifier="other"), key).ok.data.override_id is None
    assert [row.event for row in h.changes(room.id)] == ["override.set"] * 2


def test_get_override_tells_it_by_its_very_pattern(h: ApiHarness, room: Room, key: str) -> None:
    """And by no identifier that it is for."""
    override = h.create_override(room.namespace, "vip_*", limit=7)
    for name in (room.namespace.name, room.namespace.id):
        exact = GetOverrideRequest(namespace=name, identifier="vip_*")
        told = h.call(GET_OVERRIDE, exact, key).ok.data
        assert (told.override_id, told.identifier) == (override.id, "vip_*")
        assert (told.limit, told.duration) == (7, MINUTE)
    one = GetOverrideRequest(namespace=room.namespace.name, identifier="vip_1")
    assert h.call(GET_OVERRIDE, one, key).code == "override_not_found"
    assert room.untouched


def test_list_overrides_has_all_page_by_page(h: ApiHarness, room: Room, key: str) -> None:
    """In the order of their ids, each once; no other name space's."""
    ids = sorted(h.create_override(room.namespace).id for _ in range(3))
    h.create_override(h.create_namespace(room.id))
    name = room.namespace.name
    first = h.call(LIST_OVERRIDES, ListOverridesRequest(namespace=name, limit=2), key).ok
    assert first.pagination.cursor is not None
    rest = ListOverridesRequest(namespace=name, limit=2, cursor=first.pagination.cursor)
    second = h.call(LIST_OVERRIDES, rest, key).ok
    assert [each.override_id for each in (*first.data, *second.data)] == ids
    assert second.pagination.cursor is None


def test_delete_override_gives_requests_their_place_back(
    h: ApiHarness, room: Room, key: str
) -> None:
    """At once; it can be deleted once."""
    override = h.create_override(room.namespace, "user_1", limit=0)
    name = room.namespace.name
    assert h.call(LIMIT, asked(name), key).ok.data.override_id == override.id
    gone = DeleteOverrideRequest(namespace=name, identifier="user_1")
    assert h.call(DELETE_OVERRIDE, gone, key).status == 200
    assert h.call(LIMIT, asked(name), key).ok.data.success
    assert h.call(DELETE_OVERRIDE, gone, key).code == "override_not_found"
    assert [row.event for row in h.changes(room.id)] == ["override.delete"]
