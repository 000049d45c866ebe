"""Permissions, rate limits and overrides, by the SDK, on the whole service."""

from typing import Any

import pytest
from unkey.py import errors

from services.api.testutil.harness import ApiHarness


def test_permissions_are_made_found_and_listed(h: ApiHarness) -> None:
    """By id or slug, page by page; a slug is there once."""
    sdk = h.sdk()
    ids = [
        sdk.permissions.create_permission(name=f"to {slug}", slug=slug).data.permission_id
        for slug in ("a.read", "a.write", "b")
    ]
    with pytest.raises(errors.ConflictErrorResponse):
        sdk.permissions.create_permission(name="again", slug="b")
    for name in (ids[0], "a.read"):
        assert sdk.permissions.get_permission(permission=name).data.slug == "a.read"
    page = sdk.permissions.list_permissions(limit=2)
    seen = []
    while page is not None:
        seen += [each.id for each in page.result.data]
        page = page.next()
    assert seen == sorted(ids)
    found = sdk.permissions.list_permissions(search="A.W")
    assert found is not None
    assert [each.slug for each in found.result.data] == ["a.write"]


def test_a_rate_is_limited(h: ApiHarness) -> None:
    """In a name space that is made by the way."""
    sdk = h.sdk()
    for passes in (True, True, False):
        told = sdk.ratelimit.limit(namespace="sms", identifier="user_1", limit=2, duration=60_000)
        assert told.data.success is passes
    h.clock.advance(60)
    asked: Any = [
        {"namespace": name, "identifier": "user_1", "limit": 2, "duration": 60_000, "cost": cost}
        for name, cost in (("sms", 2), ("mail", 3))
    ]
    several = sdk.ratelimit.multi_limit(request=asked).data
    assert [each.passed for each in several.limits] == [True, False]
    assert not several.passed


def test_an_override_takes_the_place_of_the_request(h: ApiHarness) -> None:
    """At once, until it is deleted."""
    sdk = h.sdk()

    def limit() -> tuple[int, str | None]:
        told = sdk.ratelimit.limit(
            namespace="sms", identifier="vip_1", limit=1, duration=60_000
        ).data
        return told.limit, told.override_id

    assert limit() == (1, None)
    made = sdk.ratelimit.set_override(
        namespace="sms", identifier="vip_*", limit=9, duration=1000
    ).data.override_id
    assert limit() == (9, made)
    again = sdk.ratelimit.set_override(
        namespace="sms", identifier="vip_*", limit=0, duration=1000
    ).data.override_id
    assert (again, limit()) == (made, (0, made))
    found = sdk.ratelimit.get_override(namespace="sms", identifier="vip_*").data
    assert (found.override_id, found.limit, found.duration) == (made, 0, 1000)
    listed = sdk.ratelimit.list_overrides(namespace="sms")
    assert listed is not None
    assert [each.override_id for each in listed.result.data] == [made]
    sdk.ratelimit.delete_override(namespace="sms", identifier="vip_*")
    assert limit() == (1, None)
    with pytest.raises(errors.NotFoundErrorResponse):
        sdk.ratelimit.get_override(namespace="sms", identifier="vip_*")


def test_name_spaces_are_their_workspaces_own(h: ApiHarness) -> None:
    """The same name is another one elsewhere, and is not made by who must not."""
    one, other = h.sdk(), h.sdk()
    for sdk in (one, other):
        assert sdk.ratelimit.limit(
            namespace="sms", identifier="user_1", limit=1, duration=60_000
        ).data.success
    one.ratelimit.set_override(namespace="sms", identifier="*", limit=5, duration=1000)
    listed = other.ratelimit.list_overrides(namespace="sms")
    assert listed is not None
    assert listed.result.data == []
    only_limits = h.sdk(h.create_root_key(h.create_workspace().id, "ratelimit.*.limit"))
    with pytest.raises(errors.NotFoundErrorResponse):
        only_limits.ratelimit.limit(namespace="sms", identifier="user_1", limit=1, duration=60_000)


@pytest.mark.parametrize("odd", ["ä", "🐢", "a\n'b\\", "%_*", "x" * 300])
def test_any_text_is_a_name_or_is_not_there(h: ApiHarness, odd: str) -> None:
    """Cursors, searches, identifiers and name spaces: no text of a caller's is a fault of ours."""
    sdk = h.sdk()
    told = sdk.ratelimit.limit(namespace=odd, identifier=odd, limit=1, duration=60_000).data
    assert told.success
    sdk.ratelimit.set_override(namespace=odd, identifier=odd, limit=5, duration=1000)
    assert sdk.ratelimit.get_override(namespace=odd, identifier=odd).data.identifier == odd
    found = sdk.ratelimit.list_overrides(namespace=odd, cursor=odd)
    assert found is not None
    for search in (odd[:256], None):
        listed = sdk.permissions.list_permissions(cursor=odd, search=search)
        assert listed is not None
        assert listed.result.data == []
    api_id = sdk.apis.create_api(name=f"abc{odd}"[:256]).data.api_id
    keys = sdk.apis.list_keys(api_id=api_id, cursor=odd, external_id=odd[:255])
    assert keys is not None
    assert keys.result.data == []
    with pytest.raises(errors.NotFoundErrorResponse):
        sdk.apis.list_keys(api_id=odd[:255])
    with pytest.raises(errors.NotFoundErrorResponse):
        sdk.keys.whoami(key=odd)
