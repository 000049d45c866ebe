"""Redis is away, or refuses, while two instances serve: they go on, and are together again then."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import pytest

from pkg import uid
from pkg.clock import SystemClock
from pkg.dockertest.container import Container
from pkg.dockertest.redis import Redis
from pkg.serving.testing import Served
from pkg.testutil import eventually
from pkg.testutil.harness import needs
from pkg.testutil.redis_refusals import REFUSALS
from services.api.instance import REDIS_SECONDS, redis_client
from services.api.testutil.harness import ApiHarness

FAULTS: dict[str, tuple[Callable[[Container], None], Callable[[Container], None]]] = {
    "paused": (Container.pause, Container.resume),
    "killed": (Container.kill, Container.restart),
    "cut off": (Container.cut, Container.heal),
    "reset": (partial(Container.cut, reset=True), Container.heal),
    "unheard": (partial(Container.cut, direction="down"), Container.heal),
}
UNITS = 6
# All tests are within one window.
LIMIT: Any = {"limit": UNITS, "duration": 24 * 60 * 60 * 1000}
# A request waits for Redis twice at most; and a busy machine may take its time.
MOST_SECONDS = 2 * REDIS_SECONDS + 4.5
CLOCK = SystemClock()


class Pair(ApiHarness):
    """Beside the harness's own instance, which is patient, two as they are in production.

    They share all servers, and have the machine's clock: they find out by themselves.

    Attributes:
        pair: where they serve.
    """

    redis = needs(Redis().proxied())

    def open(self) -> None:
        """Starts serving."""
        super().open()
        self.pair: list[Served] = [
            self.another(CLOCK, redis_client(self.redis.url)) for _ in range(2)
        ]


h = Pair.fixture()


@dataclass
class Caller:
    """A client of one instance, which keeps the time.

    Attributes:
        seconds: that each verification and each limit has taken.
    """

    sdk: Any
    seconds: list[float]

    def told(self, key: str) -> Any:
        """What a verification tells."""
        return self._timed(lambda: self.sdk.keys.verify_key(key=key)).data

    def verify(self, key: str) -> str:
        """The code of a verification."""
        code: str = self.told(key).code
        return code

    def limit(self, identifier: str) -> Any:
        """How a limit stands."""
        return self._timed(
            lambda: self.sdk.ratelimit.limit(namespace="sms", identifier=identifier, **LIMIT)
        ).data

    def _timed(self, call: Callable[[], Any]) -> Any:
        began = CLOCK.monotonic()
        answer = call()
        self.seconds.append(CLOCK.monotonic() - began)
        return answer


@pytest.fixture
def root_key(h: Pair) -> str:
    """Of a workspace."""
    return h.create_root_key(h.create_workspace().id)


@pytest.fixture
def callers(h: Pair, root_key: str) -> list[Caller]:
    """One of each instance; the caches have the root key, and the name space."""
    made = [Caller(h.sdk(root_key, at), []) for at in h.pair]
    eventually(lambda: count_together(made))
    return made


def count_together(callers: list[Caller]) -> bool:
    """Whether what one instance counts is counted for the other."""
    identifier = uid.new("user", CLOCK)
    left = [each.limit(identifier).remaining for each in callers]
    return left == [UNITS - 1, UNITS - 2]


def used_twice(callers: list[Caller]) -> str | None:
    """A limited key that each instance has verified once; None where a busy machine has kept Redis
    from knowing that."""
    key: str = new_key(
        callers[0], ratelimits=[{"name": "requests", "auto_apply": True, **LIMIT}]
    ).key
    left = [each.told(key).ratelimits[0].remaining for each in callers]
    return key if left == [UNITS - 1, UNITS - 2] else None


def new_key(caller: Caller, **asked: Any) -> Any:
    """A key in an API of its own."""
    api_id = caller.sdk.apis.create_api(name=uid.new("name", CLOCK)).data.api_id
    return caller.sdk.keys.create_key(api_id=api_id, **asked).data


@pytest.mark.parametrize("fault", FAULTS)
def test_limits_hold_as_far_as_an_instance_can_tell(
    h: Pair, root_key: str, callers: list[Caller], fault: str
) -> None:
    """Each counts for itself: at most the limit's units each, beside what was used before.

    A key's and a name space's; the answers come in time, and few of them wait. When Redis is back,
    they count together again, and what was used before is known, unless Redis has lost it.
    """
    begin, end = FAULTS[fault]
    key = eventually(lambda: used_twice(callers))
    assert key
    for each in callers:
        each.seconds.clear()
    begin(h.redis.container)
    for each in callers:
        codes = Counter(each.verify(key) for _ in range(UNITS + 4))
        assert codes == {"VALID": UNITS, "RATE_LIMITED": 4}
        assert [each.limit("user_1").success for _ in range(UNITS + 1)] == [True] * UNITS + [False]
        assert max(each.seconds) < MOST_SECONDS
        assert median(each.seconds) < REDIS_SECONDS
    end(h.redis.container)
    eventually(lambda: count_together(callers), within=30)
    patient = Caller(h.sdk(root_key), [])
    left = sum(patient.verify(key) == "VALID" for _ in range(UNITS + 1))
    # What Redis was asked meanwhile, and could not answer, may be counted as well.
    assert left == UNITS if fault == "killed" else left <= UNITS - 2
    assert not h.logs.of("fault")


@pytest.mark.parametrize("fault", FAULTS)
def test_keys_are_verified_and_changed(h: Pair, callers: list[Caller], fault: str) -> None:
    """Warm and cold ones, and such as nobody has; a change is seen where it was made at once."""
    begin, end = FAULTS[fault]
    one, other = callers
    warm, cold, changed = (new_key(one) for _ in range(3))
    assert [each.verify(warm.key) for each in callers] == ["VALID"] * 2
    assert one.verify(changed.key) == "VALID"
    begin(h.redis.container)
    for _ in range(3):
        assert one.verify(warm.key) == "VALID"
        assert other.verify(warm.key) == "VALID"
        assert other.verify(cold.key) == "VALID"
        assert other.verify("nobodys") == "NOT_FOUND"
    one.sdk.keys.update_key(key_id=changed.key_id, enabled=False)
    assert one.verify(changed.key) == "DISABLED"
    assert one.verify(new_key(one).key) == "VALID"
    assert max(one.seconds + other.seconds) < MOST_SECONDS
    end(h.redis.container)
    eventually(lambda: count_together(callers), within=30)
    assert one.verify(changed.key) == "DISABLED"
    assert not h.logs.of("fault")


@pytest.mark.parametrize(
    "refusal", ["its memory is full", "it is a replica", "its password is another"]
)
def test_one_that_is_there_and_refuses_stops_nobody(
    h: Pair, callers: list[Caller], refusal: str
) -> None:
    """As one that is away: keys are verified and changed, and each instance counts for itself."""
    one, other = callers
    key = eventually(lambda: used_twice(callers))
    assert key
    changed = new_key(one)
    assert one.verify(changed.key) == "VALID"
    with REFUSALS[refusal].on(h.redis):
        for each in callers:
            codes = Counter(each.verify(key) for _ in range(UNITS + 4))
            assert codes == {"VALID": UNITS, "RATE_LIMITED": 4}
            assert sum(each.limit("user_1").success for _ in range(UNITS + 1)) == UNITS
            assert each.verify("nobodys") == "NOT_FOUND"
        one.sdk.keys.update_key(key_id=changed.key_id, enabled=False)
        assert one.verify(changed.key) == "DISABLED"
        assert other.verify(new_key(one).key) == "VALID"
    eventually(lambda: count_together(callers), within=30)
    assert one.verify(changed.key) == "DISABLED"
    assert not h.logs.of("fault")


def test_the_log_tells_when_it_went_and_when_it_came(h: Pair, callers: list[Caller]) -> None:
    """For the caches and for the limits; the instance stays ready."""
    key = eventually(lambda: used_twice(callers))
    assert key
    h.redis.container.kill()
    for text in (key, "nobodys"):
        callers[0].verify(text)
        assert h.pair[0].http.get("/health/ready").status_code == 200
    for who in ("cache", "ratelimit"):
        assert f"{who}: Redis can't be reached" in h.logs.text
    h.redis.container.restart()

    def is_told() -> None:
        callers[0].verify(key)
        callers[0].verify(uid.new("nobodys", CLOCK))
        for who in ("cache", "ratelimit"):
            assert f"{who}: Redis serves again" in h.logs.text

    eventually(is_told, within=30)
