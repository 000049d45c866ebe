"""A key is verified: whether it is valid for what it is shown for, and what that costs."""

from datetime import timedelta
from typing import Any

import pytest

from services.api.domain.credits import Credits, Refill
from services.api.domain.key import Ratelimit
from services.api.integration.routes.room import Room
from services.api.testutil.harness import ApiHarness
from services.api.testutil.seeds import SeededKey
from services.api.wire.verification import VERIFY_KEY, Verification

MINUTE = timedelta(minutes=1)


def verified(h: ApiHarness, room: Room, key: SeededKey, **asked: Any) -> Verification:
    """What is told of a key."""
    return h.call(VERIFY_KEY, {"key": key.text, **asked}, room.root_key()).ok.data


def test_verify_key_tells_what_the_key_is(h: ApiHarness, room: Room) -> None:
    """All that its owner has stored with it."""
    told = verified(h, room, room.key)
    assert (told.valid, told.code, told.key_id) == (True, "VALID", room.key.id)
    assert told.keyspace_id == room.api.keyspace_id
    assert (told.permissions, told.roles) == ([room.permission.slug], [room.role.name])
    assert told.identity is not None
    assert told.identity.id == room.identity.id
    assert told.credits == 9
    assert room.untouched  # verifications are events, no changes


def test_verify_key_publishes_an_event(h: ApiHarness, room: Room) -> None:
    """Of each, whatever came of it; its text is not in it."""
    verified(h, room, room.key, tags=["path=/a"])
    verified(h, room, room.key, permissions="nothing.has")
    mine = [each for each in h.events if each.workspace_id == room.id]
    assert [each.outcome for each in mine] == ["VALID", "INSUFFICIENT_PERMISSIONS"]
    assert (mine[0].key_id, mine[0].cost, mine[0].tags) == (room.key.id, 1, ("path=/a",))
    assert room.key.text not in repr(mine)


@pytest.mark.parametrize(
    ("fields", "asked", "code"),
    [
        ({"enabled": False}, {}, "DISABLED"),
        ({}, {"permissions": "a.read AND (b OR c.read)"}, "VALID"),
        ({}, {"permissions": "a.read and b"}, "INSUFFICIENT_PERMISSIONS"),
        ({}, {"keyspaces": ["ks_other"]}, "NOT_FOUND"),
        ({}, {"credits": {"cost": 10**9}}, "VALID"),
    ],
)
def test_verify_key_looks_whether_it_is_valid(
    h: ApiHarness, room: Room, fields: dict[str, Any], asked: dict[str, Any], code: str
) -> None:
    """A key that has some permissions, and credits without end."""
    key = h.create_key(room.api, permissions=["a.read", "c.*"], **fields)
    told = verified(h, room, key, **asked)
    assert (told.valid, told.code) == (code == "VALID", code)


def test_verify_key_refuses_one_that_has_expired(h: ApiHarness, room: Room) -> None:
    """From that moment on, warm or not."""
    key = h.create_key(room.api, expires_at=h.clock.now() + MINUTE)
    assert verified(h, room, key).code == "VALID"
    h.clock.advance(MINUTE)
    assert verified(h, room, key).code == "EXPIRED"


def test_verify_key_spends_credits(h: ApiHarness, room: Room) -> None:
    """Until none are left; what is refused costs nothing; at midnight they come back."""
    key = h.create_key(room.api, credits=Credits(3, Refill(2), h.clock.now()))
    codes = [verified(h, room, key, credits={"cost": 2}).code for _ in range(2)]
    assert codes == ["VALID", "USAGE_EXCEEDED"]
    assert verified(h, room, key).credits == 0
    h.clock.advance(timedelta(days=1))
    assert verified(h, room, key).credits == 1


def test_verify_key_counts_rate_limits(h: ApiHarness, room: Room) -> None:
    """Those that always count, and those that are asked for; an identity's keys share its own."""
    shared = Ratelimit(h.new_id("rl"), "requests", 2, MINUTE, True)
    asked_for = Ratelimit(h.new_id("rl"), "uploads", 5, MINUTE, False)
    identity = h.create_identity(room.id, ratelimits=[shared])
    keys = [
        h.create_key(room.api, external_id=identity.external_id, ratelimits=(asked_for,))
        if at == 0
        else h.create_key(room.api, external_id=identity.external_id)
        for at in range(2)
    ]
    first = verified(h, room, keys[0], ratelimits=[{"name": "uploads", "cost": 4}])
    assert first.ratelimits is not None
    assert {each.name: each.remaining for each in first.ratelimits} == {
        "requests": 1,
        "uploads": 1,
    }
    assert verified(h, room, keys[1]).valid
    assert [verified(h, room, key).code for key in keys] == ["RATE_LIMITED"] * 2
    h.clock.advance(MINUTE)
    assert verified(h, room, keys[1]).valid


def test_verify_key_finds_no_text_of_nobodys(h: ApiHarness, room: Room) -> None:
    """It is no error; no event tells of it."""
    before = len(h.events)
    nobodys = SeededKey(room.plain_key.key, room.plain_key.text + "x")
    told = verified(h, room, nobodys)
    assert told == Verification(valid=False, code="NOT_FOUND")
    assert len(h.events) == before
