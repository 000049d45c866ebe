"""A key's life, by the SDK, on the whole service."""

import itertools
from typing import Any

import pytest
from unkey.py import errors

from services.api.testutil.harness import ApiHarness

# The SDK takes plain values where its types want models of its own.
SET: Any = "set"
INCREMENT: Any = "increment"
_numbers = itertools.count(1)


def made(sdk: Any, **asked: Any) -> Any:
    """A key in an API of its own."""
    api_id = sdk.apis.create_api(name=f"payments {next(_numbers)}").data.api_id
    return sdk.keys.create_key(api_id=api_id, **asked).data


def test_a_key_that_was_made_is_valid(h: ApiHarness) -> None:
    """With all that it was given."""
    sdk = h.sdk()
    key = made(
        sdk,
        prefix="prod",
        name="a key",
        external_id="user_1",
        meta={"plan": "free", "ä": [1, None]},
        permissions=["a.read", "b.*"],
        credits={"remaining": 5, "refill": {"interval": "daily", "amount": 10}},
        ratelimits=[{"name": "requests", "limit": 3, "duration": 60_000, "auto_apply": True}],
    )
    told: Any = sdk.keys.verify_key(key=key.key, permissions="a.read AND b.write").data
    assert (told.valid, told.code, told.key_id, told.credits) == (True, "VALID", key.key_id, 4)
    assert (told.name, told.meta) == ("a key", {"plan": "free", "ä": [1, None]})
    assert told.identity.external_id == "user_1"
    assert told.permissions == ["a.read", "b.*"]
    assert [(each.name, each.remaining) for each in told.ratelimits] == [("requests", 2)]
    assert [(each.outcome, each.key_id) for each in h.events] == [("VALID", key.key_id)]


def test_what_is_used_up_is_refused(h: ApiHarness) -> None:
    """Limits first, then credits, which come back at midnight."""
    sdk = h.sdk()
    paid = made(sdk, credits={"remaining": 1, "refill": {"interval": "daily", "amount": 2}})
    limited = made(
        sdk, ratelimits=[{"name": "requests", "limit": 1, "duration": 60_000, "auto_apply": True}]
    )
    for key, code in ((paid, "USAGE_EXCEEDED"), (limited, "RATE_LIMITED")):
        codes = [sdk.keys.verify_key(key=key.key).data.code for _ in range(2)]
        assert codes == ["VALID", code]
    h.clock.advance(24 * 60 * 60)
    assert sdk.keys.verify_key(key=paid.key).data.credits == 1
    assert sdk.keys.verify_key(key=limited.key).data.valid


def test_what_is_used_up_stays_so_where_a_removed_key_is_remembered(h: ApiHarness) -> None:
    """By another instance: that its credits are gone does not make them endless."""
    root_key = h.create_root_key(h.create_workspace().id)
    here, there = h.sdk(root_key), h.sdk(root_key, h.another())
    key = made(here, credits={"remaining": 1})
    codes = [there.keys.verify_key(key=key.key).data.code for _ in range(2)]
    assert codes == ["VALID", "USAGE_EXCEEDED"]
    here.keys.delete_key(key_id=key.key_id, permanent=True)
    assert here.keys.verify_key(key=key.key).data.code == "NOT_FOUND"
    assert there.keys.verify_key(key=key.key).data.code == "USAGE_EXCEEDED"


def test_a_key_is_told_as_it_is(h: ApiHarness) -> None:
    """By its id, by its text, and in its API's list; its text only where it may be shown."""
    sdk = h.sdk()
    api_id = sdk.apis.create_api(name="payments").data.api_id
    plain = sdk.keys.create_key(api_id=api_id, external_id="user_1").data
    shown = sdk.keys.create_key(api_id=api_id, recoverable=True).data
    assert sdk.keys.get_key(key_id=shown.key_id, decrypt=True).data.plaintext == shown.key
    assert sdk.keys.get_key(key_id=plain.key_id, decrypt=True).data.plaintext is None
    assert sdk.keys.whoami(key=plain.key).data.key_id == plain.key_id
    assert sdk.apis.get_api(api_id=api_id).data.name == "payments"
    page = sdk.apis.list_keys(api_id=api_id, limit=1, decrypt=True)
    seen: dict[str, Any] = {}
    while page is not None:
        seen |= {each.key_id: each.plaintext for each in page.result.data}
        page = page.next()
    assert seen == {plain.key_id: None, shown.key_id: shown.key}
    of_user: Any = sdk.apis.list_keys(api_id=api_id, external_id="user_1")
    assert [each.key_id for each in of_user.result.data] == [plain.key_id]


def test_a_change_is_seen_by_the_next_verification(h: ApiHarness) -> None:
    """Whatever it was: the cache forgets the key."""
    sdk = h.sdk()
    key = made(sdk, name="a key", permissions=["a.read"])

    def told(**asked: Any) -> Any:
        return sdk.keys.verify_key(key=key.key, **asked).data

    assert told(permissions="a.read").valid
    sdk.keys.update_key(key_id=key.key_id, enabled=False)
    assert told().code == "DISABLED"
    sdk.keys.update_key(key_id=key.key_id, enabled=True, name=None, meta={"plan": "paid"})
    assert (told().valid, told().name, told().meta) == (True, None, {"plan": "paid"})
    sdk.keys.remove_permissions(key_id=key.key_id, permissions=["a.read"])
    assert told(permissions="a.read").code == "INSUFFICIENT_PERMISSIONS"
    added = sdk.keys.add_permissions(key_id=key.key_id, permissions=["b", "a.read"]).data
    assert [each.slug for each in added] == ["a.read", "b"]
    assert told(permissions="a.read and b").valid
    sdk.permissions.delete_permission(permission="b")
    assert told(permissions="b").code == "INSUFFICIENT_PERMISSIONS"
    [held] = sdk.keys.set_permissions(key_id=key.key_id, permissions=["c"]).data
    assert (held.slug, told(permissions="a.read or not_there").permissions) == ("c", ["c"])
    assert told(permissions="c").valid
    assert sdk.keys.update_credits(key_id=key.key_id, operation=SET, value=0).data.remaining == 0
    assert told().code == "USAGE_EXCEEDED"
    sdk.keys.update_key(key_id=key.key_id, credits=None, expires=0)
    assert told().code == "EXPIRED"
    sdk.keys.update_key(key_id=key.key_id, expires=None)
    assert told().valid
    sdk.keys.delete_key(key_id=key.key_id)
    assert told().code == "NOT_FOUND"
    with pytest.raises(errors.NotFoundErrorResponse):
        sdk.keys.get_key(key_id=key.key_id)


def test_a_key_gets_a_successor(h: ApiHarness) -> None:
    """The old one ends after its grace."""
    sdk = h.sdk()
    old = made(sdk, prefix="prod", permissions=["a.read"], recoverable=True)
    assert sdk.keys.verify_key(key=old.key).data.valid
    new = sdk.keys.reroll_key(key_id=old.key_id, expiration=60_000).data
    assert new.key.startswith("prod_")
    assert sdk.keys.get_key(key_id=new.key_id, decrypt=True).data.plaintext == new.key
    for key in (old.key, new.key):
        assert sdk.keys.verify_key(key=key, permissions="a.read").data.valid
    h.clock.advance(60)
    assert sdk.keys.verify_key(key=old.key).data.code == "EXPIRED"
    assert sdk.keys.verify_key(key=new.key, permissions="a.read").data.valid


def test_a_key_that_is_replaced_at_once_is_refused(h: ApiHarness) -> None:
    """By the instance that was asked for it; by another one within half a minute."""
    root_key = h.create_root_key(h.create_workspace().id)
    here, there = h.sdk(root_key), h.sdk(root_key, h.another())
    old = made(here)
    for sdk in (here, there):
        assert sdk.keys.verify_key(key=old.key).data.valid
    here.keys.reroll_key(key_id=old.key_id, expiration=0)
    assert here.keys.verify_key(key=old.key).data.code == "EXPIRED"
    h.clock.advance(31)
    assert there.keys.verify_key(key=old.key).data.code == "EXPIRED"


def test_an_api_goes_with_its_keys(h: ApiHarness) -> None:
    """At once."""
    sdk = h.sdk()
    api_id = sdk.apis.create_api(name="payments").data.api_id
    key = sdk.keys.create_key(api_id=api_id).data
    assert sdk.keys.verify_key(key=key.key).data.valid
    sdk.apis.delete_api(api_id=api_id)
    assert sdk.keys.verify_key(key=key.key).data.code == "NOT_FOUND"
    with pytest.raises(errors.NotFoundErrorResponse):
        sdk.apis.get_api(api_id=api_id)


def test_every_change_has_an_audit_row(h: ApiHarness) -> None:
    """Of who has asked for it; reading has none, and what was refused has none."""
    workspace_id = h.create_workspace().id
    sdk = h.sdk(h.create_root_key(workspace_id))
    key = made(sdk)
    sdk.keys.update_key(key_id=key.key_id, name="another")
    sdk.keys.get_key(key_id=key.key_id)
    with pytest.raises(errors.BadRequestErrorResponse):
        sdk.keys.update_credits(key_id=key.key_id, operation=INCREMENT, value=1)
    sdk.keys.delete_key(key_id=key.key_id, permanent=True)
    rows = sorted(h.changes(workspace_id), key=lambda row: row.event)
    assert [row.event for row in rows] == ["api.create", "key.create", "key.delete", "key.update"]
    assert {row.target_id for row in rows[1:]} == {key.key_id}
    assert all(row.request_id.startswith("req_") for row in rows)


def test_another_workspace_sees_nothing(h: ApiHarness) -> None:
    """Whatever its root key may do."""
    theirs, mine = h.sdk(), h.sdk()
    key = made(theirs, permissions=["a.read"])
    assert mine.keys.verify_key(key=key.key).data.code == "NOT_FOUND"
    for ask in (
        lambda: mine.keys.get_key(key_id=key.key_id),
        lambda: mine.keys.update_key(key_id=key.key_id, name="mine"),
        lambda: mine.keys.delete_key(key_id=key.key_id),
        lambda: mine.keys.reroll_key(key_id=key.key_id, expiration=0),
        lambda: mine.keys.whoami(key=key.key),
        lambda: mine.keys.update_credits(key_id=key.key_id, operation=SET, value=1),
        lambda: mine.keys.add_permissions(key_id=key.key_id, permissions=["a"]),
        lambda: mine.permissions.get_permission(permission="a.read"),
        lambda: mine.permissions.delete_permission(permission="a.read"),
    ):
        with pytest.raises(errors.NotFoundErrorResponse):
            ask()
    assert theirs.keys.verify_key(key=key.key, permissions="a.read").data.valid
