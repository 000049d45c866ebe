"""The machine's clock is set forward and back, by hours and by days, while an instance serves."""

import itertools
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from pkg import uid
from services.api.domain.times import milliseconds
from services.api.testutil.harness import ApiHarness

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SET: Any = "set"
DAILY: Any = {"interval": "daily", "amount": 3}
TWO_A_MINUTE: Any = {"limit": 2, "duration": 60_000}
LIMIT: Any = {"name": "requests", "auto_apply": True, **TWO_A_MINUTE}
# Redis forgets a limit a minute after its window, by a clock of its own.
MOST_FORGOTTEN_MS = 120_000


def made(sdk: Any, **asked: Any) -> Any:
    """A key in an API of its own."""
    api_id = sdk.apis.create_api(name="payments").data.api_id
    return sdk.keys.create_key(api_id=api_id, **asked).data


def passed(take: Callable[[], bool]) -> int:
    """How often something may be done, of five times."""
    return sum(take() for _ in range(5))


def test_a_key_expires_by_the_clock_as_it_is(h: ApiHarness) -> None:
    """Also one that is in the caches."""
    sdk = h.sdk()
    key = made(sdk, expires=milliseconds(h.clock.now() + HOUR))

    def code() -> Any:
        return sdk.keys.verify_key(key=key.key).data.code

    for by, told in ((0, "VALID"), (2, "EXPIRED"), (-2, "VALID"), (-5, "VALID"), (6, "EXPIRED")):
        h.clock.step(by * HOUR)
        assert code() == told


def test_no_refill_comes_twice(h: ApiHarness) -> None:
    """One for each midnight, however often the clock passes it; by another rule, too."""
    sdk = h.sdk()
    key = made(sdk, credits={"remaining": 3, "refill": DAILY})

    def spent() -> int:
        return passed(lambda: sdk.keys.verify_key(key=key.key).data.valid)

    assert spent() == 3
    h.clock.step(DAY)
    assert spent() == 3
    for by in (-DAY, DAY, -HOUR, HOUR, -5 * DAY, 5 * DAY):
        h.clock.step(by)
        assert spent() == 0
    h.clock.step(-DAY)
    sdk.keys.update_key(key_id=key.key_id, credits={"remaining": 0, "refill": DAILY})
    h.clock.step(DAY)
    assert spent() == 0
    h.clock.step(DAY)
    assert spent() == 3


def test_a_successor_has_no_refill_that_was_given(h: ApiHarness) -> None:
    """Of a key that is replaced after the clock was set back."""
    sdk = h.sdk()
    old = made(sdk, credits={"remaining": 0, "refill": DAILY})
    h.clock.step(DAY)
    assert passed(lambda: sdk.keys.verify_key(key=old.key).data.valid) == 3
    h.clock.step(-DAY)
    new = sdk.keys.reroll_key(key_id=old.key_id, expiration=0).data
    h.clock.step(DAY)
    assert passed(lambda: sdk.keys.verify_key(key=new.key).data.valid) == 0


def test_no_limit_is_overrun_by_a_clock_that_is_set_back(h: ApiHarness) -> None:
    """What was used is not given again; Redis forgets it by its own clock, after its window."""
    sdk = h.sdk()
    key = made(sdk, ratelimits=[LIMIT])
    takes: Sequence[Callable[[], bool]] = (
        lambda: sdk.keys.verify_key(key=key.key).data.valid,
        lambda: (
            sdk.ratelimit.limit(namespace="sms", identifier="user_1", **TWO_A_MINUTE).data.success
        ),
    )

    def each_passed() -> list[int]:
        return [passed(take) for take in takes]

    assert each_passed() == [2, 2]
    for by in (-3, 1, 1, 1):
        h.clock.step(by * HOUR)
        assert each_passed() == [0, 0]
        told: Any = sdk.ratelimit.limit(namespace="sms", identifier="user_1", **TWO_A_MINUTE).data
        assert told.reset <= milliseconds(h.clock.now()) + MOST_FORGOTTEN_MS
    h.clock.advance(60)
    assert each_passed() == [2, 2]
    # Its windows are the clock's: what it is set forward by has passed.
    h.clock.step(3 * HOUR)
    assert each_passed() == [2, 2]
    h.clock.step(-3 * HOUR)
    assert each_passed() == [0, 0]
    with h.redis.client() as client:
        lives = [client.pttl(name) for name in h.redis.scan("limit:*")]
    assert len(lives) == 4
    assert all(0 < life <= MOST_FORGOTTEN_MS for life in lives)


@pytest.mark.parametrize("hours", [-3, 3])
def test_a_change_is_seen_elsewhere_as_soon_as_ever(h: ApiHarness, hours: int) -> None:
    """Of a key within half a minute, of an override within ten seconds."""
    root_key = h.create_root_key(h.create_workspace().id)
    here, there = h.sdk(root_key), h.sdk(root_key, h.another())
    key = made(here)

    def limited() -> Any:
        return there.ratelimit.limit(namespace="sms", identifier="user_1", **TWO_A_MINUTE).data

    def verified() -> Any:
        return there.keys.verify_key(key=key.key).data.code

    limited()
    assert verified() == "VALID"
    h.clock.step(hours * HOUR)
    h.clock.advance(31)  # too old for memory: whatever it is, it comes from Redis or the store
    assert limited().limit == 2
    assert verified() == "VALID"
    here.keys.update_key(key_id=key.key_id, enabled=False)
    here.ratelimit.set_override(namespace="sms", identifier="user_*", limit=7, duration=1000)
    h.clock.advance(11)
    assert limited().limit == 7
    h.clock.advance(20)
    assert verified() == "DISABLED"


def test_pages_follow_one_another(h: ApiHarness) -> None:
    """Each key that was there is on one page, whatever is made meanwhile; ids say when."""
    sdk = h.sdk()
    api_id = sdk.apis.create_api(name="payments").data.api_id

    def new_key() -> str:
        key_id: str = sdk.keys.create_key(api_id=api_id).data.key_id
        made_at = uid.parse(key_id, "key").made_at
        assert milliseconds(made_at) == milliseconds(h.clock.now())
        return key_id

    first: list[str] = []
    for by in (0, 3, -1):
        h.clock.step(by * HOUR)
        first.append(new_key())
    page = sdk.apis.list_keys(api_id=api_id, limit=2)
    seen: list[str] = []
    made_meanwhile: list[str] = []
    while page is not None:
        seen += [each.key_id for each in page.result.data]
        h.clock.step(-5 * HOUR)
        made_meanwhile.append(new_key())
        page = page.next()
    assert seen == sorted(seen)
    assert [each for each in seen if each not in made_meanwhile] == sorted(first)
    listed: Any = sdk.apis.list_keys(api_id=api_id)
    assert [each.key_id for each in listed.result.data] == sorted(first + made_meanwhile)


def test_nothing_fails(h: ApiHarness) -> None:
    """A key's life, with a clock that is set before each step of it; the instance stays ready."""
    sdk = h.sdk()
    api_id = sdk.apis.create_api(name="payments").data.api_id
    key = sdk.keys.create_key(
        api_id=api_id,
        credits={"remaining": 9, "refill": DAILY},
        ratelimits=[LIMIT],
    ).data
    permission = "a.read"
    steps: Sequence[Callable[[], Any]] = (
        lambda: sdk.keys.verify_key(key=key.key),
        lambda: sdk.keys.update_key(key_id=key.key_id, name="another"),
        lambda: sdk.keys.update_credits(key_id=key.key_id, operation=SET, value=5),
        lambda: sdk.keys.add_permissions(key_id=key.key_id, permissions=[permission]),
        lambda: sdk.keys.verify_key(key=key.key, permissions=permission),
        lambda: sdk.keys.get_key(key_id=key.key_id),
        lambda: sdk.ratelimit.limit(namespace="sms", identifier="user_1", **TWO_A_MINUTE),
        lambda: sdk.ratelimit.set_override(
            namespace="sms", identifier="user_1", limit=1, duration=1000
        ),
        lambda: sdk.ratelimit.limit(namespace="sms", identifier="user_1", **TWO_A_MINUTE),
        lambda: sdk.ratelimit.list_overrides(namespace="sms"),
        lambda: sdk.permissions.delete_permission(permission=permission),
        lambda: sdk.keys.reroll_key(key_id=key.key_id, expiration=60_000),
        lambda: sdk.keys.whoami(key=key.key),
        lambda: sdk.apis.list_keys(api_id=api_id),
        lambda: sdk.keys.delete_key(key_id=key.key_id),
        lambda: sdk.apis.delete_api(api_id=api_id),
    )
    for step, by in zip(steps, itertools.cycle((5, -7, 26, -30, 2, -1)), strict=False):
        h.clock.step(by * HOUR)
        h.clock.advance(1)
        step()
        assert h.served.http.get("/health/ready").status_code == 200
    assert not h.logs.of("fault")
