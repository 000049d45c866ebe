"""What needs no thread is answered as with one: the same answer, the same event, the same fault."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import asdict

from pkg.cache.tiered import TieredCache
from pkg.clock import FakeClock
from pkg.fault import Fault
from pkg.ratelimit import Decision, Limit
from services.api.domain import examples
from services.api.domain.credits import Credits
from services.api.domain.key import Key
from services.api.domain.verification import Caller
from services.api.rows import Rows
from services.api.testutil.verifying import CALLER, Published, Stored
from services.api.verifying import AGES, AtOnce, Finder, Verifier
from services.api.verifying.at_once import MOST_PERMISSIONS, MOST_QUERY_CHARACTERS
from services.api.wire.verification import VerifyCredits, VerifyKeyRequest, VerifyRatelimit


class Plenty:
    """Units as many as one likes.

    Attributes:
        taken: how often some were taken.
    """

    taken = 0

    def take_all(self, asked: Sequence[tuple[Limit, int]]) -> list[Decision]:
        """Takes them."""
        self.taken += 1
        return [Decision(True, limit.units - units, timedelta()) for limit, units in asked]


class Both:
    """A verifier, and the one that waits for nothing, on the same keys."""

    def __init__(self, cache: TieredCache[Key], clock: FakeClock) -> None:
        self.clock = clock
        self.stored = Stored()
        self.units = Plenty()
        self.events = Published()
        self.finder = Finder(cache, self.stored.load)
        self.uses: list[tuple[str, datetime]] = []
        self.verifier = Verifier(
            self.finder, self.units, self.stored, self.events, clock=clock, used=self._used
        )
        self.at_once = AtOnce(self.finder, self.events, clock=clock, used=self._used)

    def quick(self, request: VerifyKeyRequest, caller: Caller = CALLER) -> object:
        """What comes of it without waiting: answer, event, use, or the fault; None for nothing."""
        return self._came(self.at_once, request, caller)

    def slow(self, request: VerifyKeyRequest, caller: Caller = CALLER) -> object:
        """What comes of it otherwise."""
        return self._came(self.verifier, request, caller)

    def _came(self, way: AtOnce | Verifier, request: VerifyKeyRequest, caller: Caller) -> object:
        self.events.clear()
        self.uses.clear()
        try:
            answer = way.verify(caller, request, "req_1")
        except Fault as fault:
            return type(fault), fault.code, fault.public
        # Each event has an id of its own.
        events = [{**asdict(each), "id": ""} for each in self.events]
        return None if answer is None else (answer, events, list(self.uses))

    def _used(self, key_id: str, at: datetime) -> None:
        self.uses.append((key_id, at))


@pytest.fixture
def both() -> Iterator[Both]:
    """Without Redis, at the examples' time."""
    clock = FakeClock(examples.NOW)
    with TieredCache[Key](None, Rows(Key, "1"), clock=clock, ages=AGES) as cache:
        yield Both(cache, clock)


CALLERS = st.builds(
    Caller,
    st.sampled_from(["ws_1", "ws_2"]),
    st.sets(st.sampled_from(["api.*.verify_key", "api.api_1.verify_key", "api.*.*"])).map(
        frozenset
    ),
)
RATELIMITS = st.builds(
    VerifyRatelimit,
    name=st.sampled_from(["requests", "tokens", "other"]),
    limit=st.sampled_from([UNSET, 0, 5]),
    duration=st.sampled_from([UNSET, 1000]),
)
REQUESTS = st.builds(
    VerifyKeyRequest,
    key=st.just(""),
    tags=st.sampled_from([UNSET, ["path=/a", "b"]]),
    permissions=st.sampled_from([UNSET, "b", "a.read or b", "a.write and b", "(", "a b"]),
    credits=st.just(UNSET) | st.builds(VerifyCredits, cost=st.integers(0, 4)),
    keyspaces=st.sampled_from([UNSET, ["ks_1"], ["ks_1", "ks_2"]]),
    ratelimits=st.just(UNSET) | st.lists(RATELIMITS, max_size=2),
)


@examples.steady
@given(st.none() | examples.KEYS, CALLERS, REQUESTS)
def test_both_ways_agree(key: Key | None, caller: Caller, request: VerifyKeyRequest) -> None:
    """Of every key and request; where it is left to the other way, that had something to spend."""
    clock = FakeClock(examples.NOW)
    with TieredCache[Key](None, Rows(Key, "1"), clock=clock, ages=AGES) as cache:
        both = Both(cache, clock)
        request.key = "nobodys" if key is None else both.stored.add(key)
        both.finder.find(request.key)
        quick, taken = both.quick(request, caller), both.units.taken
        assert taken == 0
        slow = both.slow(request, caller)
        if quick is None:
            assert key is not None
            assert both.units.taken or key.credits is not None
        else:
            assert quick == slow
            assert both.units.taken == 0


def test_a_key_that_is_not_in_memory_is_left(both: Both) -> None:
    """Or not fresh any more; also that there is none is known for a while."""
    request = VerifyKeyRequest(key=both.stored.add(examples.key()))
    nobodys = VerifyKeyRequest(key="nobodys")
    assert both.quick(request) is None
    assert both.quick(nobodys) is None
    assert both.stored.loads == 0
    known, unknown = both.slow(request), both.slow(nobodys)
    both.clock.advance(4.9)
    assert both.quick(nobodys) == unknown
    assert both.quick(request) != unknown
    both.clock.advance(AGES.fresh)
    assert both.quick(request) is None
    assert both.quick(nobodys) is None
    assert known is not None


@pytest.mark.parametrize(
    "key",
    [
        examples.key(ratelimits=(examples.limit(auto_apply=True),)),
        examples.key(credits=Credits(5, None, examples.NOW)),
    ],
)
def test_what_there_is_to_spend_is_left_unspent(both: Both, key: Key) -> None:
    """And nothing of it is an event."""
    request = VerifyKeyRequest(key=both.stored.add(key))
    both.finder.find(request.key)
    assert both.quick(request) is None
    assert both.events == []
    assert both.units.taken == 0
    assert both.stored.keys[next(iter(both.stored.keys))] == key


def test_an_event_that_would_wait_is_left(both: Both) -> None:
    """With all of the verification."""
    request = VerifyKeyRequest(key=both.stored.add(examples.key()))
    both.finder.find(request.key)
    both.events.would_wait = True
    assert both.quick(request) is None
    both.events.would_wait = False
    assert both.quick(request) == both.slow(request)


def test_an_event_that_is_not_taken_spoils_no_answer(
    both: Both, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log tells, as it does otherwise."""
    caplog.set_level(logging.WARNING)
    request = VerifyKeyRequest(key=both.stored.add(examples.key()))
    both.finder.find(request.key)

    def closed(_: object) -> bool:
        raise BufferError

    monkeypatch.setattr(both.events, "offer", closed)
    assert both.quick(request) is not None
    assert "an event of a verification is lost (BufferError)" in caplog.text


def test_what_takes_the_processor_long_is_left(both: Both) -> None:
    """A long query, or a key with many permissions."""
    key = examples.key(permissions=frozenset(f"a.{n}" for n in range(MOST_PERMISSIONS)))
    request = VerifyKeyRequest(key=both.stored.add(key), permissions="a.1".ljust(200))
    assert len(request.permissions) == MOST_QUERY_CHARACTERS  # type: ignore[arg-type]
    both.finder.find(request.key)
    assert both.quick(request) == both.slow(request)
    request.permissions = "a.1".ljust(MOST_QUERY_CHARACTERS + 1)
    assert both.quick(request) is None
    many = VerifyKeyRequest(key=both.stored.add(replace(key, permissions=key.permissions | {"b"})))
    both.finder.find(many.key)
    assert both.quick(many) is None
