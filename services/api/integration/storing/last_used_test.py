"""When a key was used last is told, a few seconds later, and is behind no request."""

from typing import Any

from pkg.testutil import eventually
from services.api.domain.times import milliseconds
from services.api.testutil.harness import ApiHarness
from services.api.verifying.last_uses import EVERY_SECONDS

h = ApiHarness.fixture()


def test_the_last_use_is_told(h: ApiHarness) -> None:
    """By the key's id, by its text, and in its API's list; also of a use that was refused."""
    sdk: Any = h.sdk()
    api_id = sdk.apis.create_api(name="payments").data.api_id
    used, refused, other = (
        sdk.keys.create_key(api_id=api_id, enabled=enabled).data for enabled in (True, False, True)
    )

    def told(key_id: str) -> int | None:
        at: int | None = sdk.keys.get_key(key_id=key_id).data.last_used_at
        return at

    sdk.keys.verify_key(key=used.key)
    h.clock.advance(1)
    for key in (used, refused):
        sdk.keys.verify_key(key=key.key)
    at = milliseconds(h.clock.now())
    assert told(used.key_id) is None
    h.clock.advance(EVERY_SECONDS)
    eventually(lambda: told(used.key_id) == told(refused.key_id) == at)
    assert told(other.key_id) is None
    assert sdk.keys.whoami(key=used.key).data.last_used_at == at
    listed = {each.key_id: each for each in sdk.apis.list_keys(api_id=api_id).result.data}
    assert [listed[key.key_id].last_used_at for key in (used, refused, other)] == [at, at, None]


def test_a_change_keeps_it(h: ApiHarness) -> None:
    """And a successor begins without."""
    sdk: Any = h.sdk()
    api_id = sdk.apis.create_api(name="payments").data.api_id
    key = sdk.keys.create_key(api_id=api_id).data
    sdk.keys.verify_key(key=key.key)
    at = milliseconds(h.clock.now())
    h.clock.advance(EVERY_SECONDS)
    eventually(lambda: sdk.keys.get_key(key_id=key.key_id).data.last_used_at == at)
    sdk.keys.update_key(key_id=key.key_id, name="another")
    assert sdk.keys.get_key(key_id=key.key_id).data.last_used_at == at
    heir = sdk.keys.reroll_key(key_id=key.key_id, expiration=0).data
    assert sdk.keys.get_key(key_id=heir.key_id).data.last_used_at is None
