"""Keys are made, told, changed and taken away."""

from datetime import timedelta

import pytest
from msgspec import UNSET

from services.api.domain.credits import Credits, Refill
from services.api.domain.key import Ratelimit
from services.api.domain.times import milliseconds, moment
from services.api.integration.routes.room import Room
from services.api.testutil.harness import ApiHarness
from services.api.wire import keys as wire
from services.api.wire.common import RatelimitRequest

DAY = timedelta(days=1)


def test_create_key_makes_a_key_of_all_that_was_asked(h: ApiHarness, room: Room, key: str) -> None:
    """Roles have to be there, permissions are made."""
    expires = milliseconds(h.clock.now() + DAY)
    asked = wire.CreateKeyRequest(
        api_id=room.api.id,
        prefix="prod",
        name="a key",
        byte_length=32,
        external_id="user_1",
        meta={"plan": "free", "ä": [1, None]},
        roles=[room.role.name],
        permissions=["a.read", "b"],
        expires=expires,
        credits=wire.CreditsRequest(
            remaining=5,
            refill=wire.RefillRequest(interval="monthly", amount=9, refill_day=31),
        ),
        ratelimits=[RatelimitRequest(name="requests", limit=3, duration=1000, auto_apply=True)],
        enabled=False,
        recoverable=True,
    )
    made = h.call(wire.CREATE_KEY, asked, key).ok.data
    stored = h.keys.find(room.id, made.key_id)
    assert stored is not None
    assert (stored.name, stored.enabled, stored.meta) == ("a key", False, asked.meta)
    assert made.key.startswith(stored.start)
    assert stored.start.startswith("prod_")
    assert stored.expires_at == moment(expires)
    assert stored.own_permissions == {"a.read", "b"}
    assert stored.roles == (room.role.name,)
    assert stored.credits == Credits(5, Refill(9, 31), h.clock.now())
    assert [(each.name, each.limit, each.auto_apply) for each in stored.ratelimits] == [
        ("requests", 3, True)
    ]
    assert stored.identity is not None
    assert stored.identity.external_id == "user_1"
    asked_again = wire.GetKeyRequest(key_id=made.key_id, decrypt=True)
    assert h.call(wire.GET_KEY, asked_again, key).ok.data.plaintext == made.key
    [row] = h.changes(room.id)
    assert (row.event, row.target_id) == ("key.create", made.key_id)


def test_create_key_makes_no_two_alike(h: ApiHarness, room: Room, key: str) -> None:
    """And stores no text of one."""
    asked = wire.CreateKeyRequest(api_id=room.api.id)
    both = [h.call(wire.CREATE_KEY, asked, key).ok.data for _ in range(2)]
    assert both[0].key != both[1].key
    for made in both:
        told = h.call(wire.GET_KEY, wire.GetKeyRequest(key_id=made.key_id, decrypt=True), key)
        assert told.ok.data.plaintext is None
        assert made.key not in h.logs.text


def test_get_key_tells_a_key(h: ApiHarness, room: Room, key: str) -> None:
    """But its text, unless that is asked for."""
    stored = room.key.key
    told = h.call(wire.GET_KEY, wire.GetKeyRequest(key_id=stored.id), key).ok.data
    assert (told.key_id, told.start, told.enabled) == (stored.id, stored.start, True)
    assert (told.permissions, told.roles) == ([room.permission.slug], [room.role.name])
    assert told.credits == wire.Credits(remaining=10)
    assert told.identity is not None
    assert told.identity.id == room.identity.id
    assert told.created_at == milliseconds(stored.created_at)
    assert (told.plaintext, told.expires, told.updated_at) == (None, None, None)
    with_text = wire.GetKeyRequest(key_id=stored.id, decrypt=True)
    assert h.call(wire.GET_KEY, with_text, key).ok.data.plaintext == room.key.text
    assert room.untouched


def test_whoami_tells_a_key_by_its_text(h: ApiHarness, room: Room, key: str) -> None:
    """The same as by its id."""
    by_text = h.call(wire.WHOAMI, wire.WhoamiRequest(key=room.key.text), key).ok.data
    assert by_text == h.call(wire.GET_KEY, wire.GetKeyRequest(key_id=room.key.id), key).ok.data
    assert room.untouched


def test_update_key_changes_what_it_names(h: ApiHarness, room: Room, key: str) -> None:
    """And nothing else; the audit row names the fields, not their values."""
    before = room.key.key
    h.clock.advance(1)
    asked = wire.UpdateKeyRequest(key_id=before.id, name="another", meta={"a": 1}, enabled=False)
    assert h.call(wire.UPDATE_KEY, asked, key).status == 200
    after = h.keys.find(room.id, before.id)
    assert after is not None
    assert (after.name, after.meta, after.enabled) == ("another", {"a": 1}, False)
    assert after.updated_at == h.clock.now()
    assert (after.credits, after.identity) == (before.credits, before.identity)
    assert after.own_permissions == {room.permission.slug}
    assert after.roles == (room.role.name,)
    [row] = h.changes(room.id)
    assert (row.event, row.target_id) == ("key.update", before.id)
    assert row.details == {"fields": ["enabled", "meta", "name"]}


def test_update_key_takes_away_what_is_null(h: ApiHarness, room: Room, key: str) -> None:
    """All that a key need not have."""
    asked = wire.UpdateKeyRequest(
        key_id=room.key.id,
        name=None,
        external_id=None,
        meta=None,
        expires=None,
        credits=None,
        ratelimits=None,
        roles=[],
        permissions=[],
    )
    assert h.call(wire.UPDATE_KEY, asked, key).status == 200
    after = h.keys.find(room.id, room.key.id)
    assert after is not None
    assert (after.name, after.identity, after.meta, after.credits) == (None, None, None, None)
    assert (after.roles, after.permissions, after.ratelimits) == ((), frozenset(), ())


def test_delete_key_takes_a_key_away(h: ApiHarness, room: Room, key: str) -> None:
    """Once, whether all that is known of it goes or not."""
    for permanent, target in ((False, room.key), (True, room.plain_key)):
        asked = wire.DeleteKeyRequest(key_id=target.id, permanent=permanent)
        assert h.call(wire.DELETE_KEY, asked, key).status == 200
        assert h.call(wire.DELETE_KEY, asked, key).code == "key_not_found"
        assert h.call(wire.WHOAMI, wire.WhoamiRequest(key=target.text), key).status == 404
    rows = {row.target_id: row.details for row in h.changes(room.id)}
    assert rows == {room.key.id: {"permanent": False}, room.plain_key.id: {"permanent": True}}


def test_reroll_key_makes_a_successor(h: ApiHarness, room: Room, key: str) -> None:
    """With all that the old one has, which ends after its grace."""
    limit = Ratelimit(h.new_id("rl"), "requests", 3, DAY, True)
    old = h.create_key(
        room.api, prefix="prod", name="a key", permissions=["a"], ratelimits=(limit,)
    )
    asked = wire.RerollKeyRequest(key_id=old.id, expiration=60_000)
    made = h.call(wire.REROLL_KEY, asked, key).ok.data
    assert made.key.startswith("prod_")
    new, before = h.keys.find(room.id, made.key_id), h.keys.find(room.id, old.id)
    assert new is not None
    assert before is not None
    assert new.name == "a key"
    assert new.own_permissions == {"a"}
    assert [(each.name, each.limit) for each in new.ratelimits] == [("requests", 3)]
    assert new.ratelimits[0].id != limit.id
    assert (new.expires_at, before.expires_at) == (None, h.clock.now() + timedelta(minutes=1))
    [row] = h.changes(room.id)
    assert (row.event, row.target_id) == ("key.reroll", old.id)
    assert row.details == {"successor_id": made.key_id}


@pytest.mark.parametrize(
    ("operation", "value", "left"),
    [("set", 3, 3), ("increment", 5, 15), ("decrement", 4, 6), ("decrement", 11, 0)],
)
def test_update_credits_counts(
    h: ApiHarness, room: Room, key: str, operation: str, value: int, left: int
) -> None:
    """From ten; never below none."""
    asked = {"keyId": room.key.id, "operation": operation, "value": value}
    assert h.call(wire.UPDATE_CREDITS, asked, key).ok.data.remaining == left
    stored = h.keys.find(room.id, room.key.id)
    assert stored is not None
    assert stored.credits is not None
    assert stored.credits.remaining == left
    [row] = h.changes(room.id)
    assert (row.event, row.details) == ("key.update_credits", {"operation": operation})


def test_update_credits_makes_them_unlimited(h: ApiHarness, room: Room, key: str) -> None:
    """Where nothing is set, or null."""
    for value in (None, UNSET):
        asked = wire.UpdateCreditsRequest(key_id=room.key.id, operation="set", value=value)
        assert h.call(wire.UPDATE_CREDITS, asked, key).ok.data.remaining is None
