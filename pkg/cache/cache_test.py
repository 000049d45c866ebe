"""The cache's own logic, on a stand-in for Redis. What Redis does is in the integration test."""

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
import redis.exceptions

from pkg.cache import Cache, Stats
from pkg.clock import FakeClock
from pkg.outage import AWAY


class Memory:
    """A dictionary with Redis's verbs; raises `error` when there is one."""

    def __init__(self) -> None:
        self.stored: dict[str, bytes] = {}
        self.px = 0
        self.error: Exception | None = None
        self.asked = 0

    def get(self, name: str, /) -> bytes | None:
        self._fail()
        return self.stored.get(name)

    def set(self, name: str, value: bytes, /, *, px: int) -> None:
        self._fail()
        self.stored[name] = value
        self.px = px

    def delete(self, *names: str) -> None:
        self._fail()
        for name in names:
            self.stored.pop(name, None)

    def _fail(self) -> None:
        self.asked += 1
        if self.error:
            raise self.error


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def cache(memory: Memory, clock: FakeClock) -> Cache:
    return Cache(memory, clock=clock, prefix="test:", ttl=timedelta(seconds=10))


def test_what_is_set_is_got_until_it_is_deleted(cache: Cache) -> None:
    """set, get and delete do what they say, and the cache counts it."""
    assert cache.get("a") is None
    assert cache.set("a", b"1")
    assert cache.get("a") == b"1"
    assert cache.delete("a")
    assert cache.get("a") is None
    assert cache.stats == Stats(hits=1, misses=2)


def test_several_are_deleted_in_one_round_trip(cache: Cache, memory: Memory) -> None:
    """And none, in none."""
    for key in ("a", "b", "c"):
        cache.set(key, b"1")
    before = memory.asked
    assert cache.delete("a", "b", "nobodys")
    assert cache.delete()
    assert memory.asked == before + 1
    assert [cache.get(key) for key in ("a", "b", "c")] == [None, None, b"1"]


def test_the_clock_decides_when_an_entry_expires(cache: Cache, clock: FakeClock) -> None:
    """An entry is there until its ttl has passed by the given clock."""
    cache.set("a", b"1")
    clock.advance(timedelta(seconds=9.999))
    assert cache.get("a") == b"1"
    clock.advance(timedelta(milliseconds=1))
    assert cache.get("a") is None


def test_an_entry_can_have_a_ttl_of_its_own(cache: Cache, clock: FakeClock) -> None:
    """The ttl given to set() wins over the cache's."""
    cache.set("a", b"1", ttl=timedelta(seconds=20))
    clock.advance(15)
    assert cache.get("a") == b"1"


def test_redis_keeps_an_entry_longer_than_it_is_valid(cache: Cache, memory: Memory) -> None:
    """Redis's own ttl only cleans up, so it comes after the clock's: 10 s and a minute."""
    cache.set("a", b"1")
    assert memory.px == 70_000


def test_the_prefix_keeps_two_caches_apart(memory: Memory, clock: FakeClock) -> None:
    """The same key in two caches is two entries."""
    one, other = Cache(memory, clock=clock, prefix="1:"), Cache(memory, clock=clock, prefix="2:")
    one.set("a", b"one")
    assert other.get("a") is None
    assert set(memory.stored) == {"1:a"}


def test_a_value_is_loaded_once(cache: Cache) -> None:
    """The loader is called on a miss and not on a hit."""
    loads = iter([b"first"])
    assert cache.get_or_load("a", lambda: next(loads)) == b"first"
    assert cache.get_or_load("a", lambda: next(loads)) == b"first"


def test_a_loader_that_fails_stores_nothing(cache: Cache, memory: Memory) -> None:
    """The loader's error is the caller's."""

    def broken() -> bytes:
        raise LookupError("no such user")

    with pytest.raises(LookupError, match="no such user"):
        cache.get_or_load("a", broken)
    assert memory.stored == {}


@pytest.mark.parametrize("bad", [b"", b"rubbish", b"BC\x02of a later release, which is longer"])
def test_bad_bytes_are_a_miss_and_replaced(cache: Cache, memory: Memory, bad: bytes) -> None:
    """What is no entry is neither served nor an error."""
    memory.stored["test:a"] = bad
    assert cache.get_or_load("a", lambda: b"good") == b"good"
    assert cache.get("a") == b"good"
    assert cache.stats == Stats(hits=1, misses=1, bad=1)


def test_a_client_that_answers_with_text_is_refused(clock: FakeClock) -> None:
    """The message names the setting."""

    class Text(Memory):
        def get(self, name: str, /) -> str:  # type: ignore[override]
            return "text"

    with pytest.raises(TypeError, match="decode_responses=False"):
        Cache(Text(), clock=clock).get("a")


@pytest.mark.parametrize("ttl", [timedelta(), timedelta(seconds=-1), timedelta(microseconds=999)])
def test_a_ttl_below_a_millisecond_is_refused(
    memory: Memory, clock: FakeClock, ttl: timedelta
) -> None:
    """Also by set(), and before anything is stored."""
    with pytest.raises(ValueError, match="ttl must be at least 1 ms"):
        Cache(memory, clock=clock, ttl=ttl)
    with pytest.raises(ValueError, match="ttl must be at least 1 ms"):
        Cache(memory, clock=clock).set("a", b"1", ttl=ttl)
    assert memory.stored == {}


@pytest.mark.parametrize("kind", [redis.exceptions.ConnectionError, redis.exceptions.TimeoutError])
def test_without_redis_everything_is_a_miss(
    cache: Cache, memory: Memory, kind: Callable[[str], Exception]
) -> None:
    """A server out of reach slows things down, and breaks nothing."""
    memory.error = kind("away")
    assert cache.get("a") is None
    assert not cache.set("a", b"1")
    assert not cache.delete("a")
    assert cache.get_or_load("a", lambda: b"loaded") == b"loaded"
    assert cache.stats == Stats(misses=2, unavailable=5)


def test_an_outage_costs_one_caller_in_a_second_the_timeout(
    cache: Cache, memory: Memory, clock: FakeClock
) -> None:
    """The others are served without Redis at once, until it answers again."""
    memory.error = redis.exceptions.TimeoutError("away")
    for _ in range(10):
        cache.get_or_load("a", lambda: b"loaded")
    assert memory.asked == 1
    clock.advance(AWAY)
    memory.error = None
    assert cache.set("a", b"1")
    assert cache.get("a") == b"1"


def test_an_outage_is_logged_without_secrets(
    cache: Cache, memory: Memory, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither keys nor values nor credentials."""
    caplog.set_level(logging.INFO)
    memory.error = redis.exceptions.ConnectionError("redis://:hunter2@cache:6379")
    cache.get("key-of-alice")
    cache.set("key-of-alice", b"value-of-alice")
    assert [record.getMessage() for record in caplog.records] == [
        "cache: Redis can't be reached (ConnectionError), on without it"
    ]


def test_while_redis_refuses_to_store_everything_is_a_miss(cache: Cache, memory: Memory) -> None:
    """What it has may be older than what it has refused; it removes what it can, and when it stores
    again, all is well."""
    cache.set("a", b"1")
    cache.set("b", b"1")
    memory.error = redis.exceptions.OutOfMemoryError("full")
    assert not cache.set("a", b"2")
    memory.error = None
    assert cache.get("a") is None
    assert cache.delete("a")
    assert cache.get("b") is None
    assert cache.set("c", b"3")
    assert cache.get("b") == b"1"
    assert cache.get("a") is None
    assert cache.stats == Stats(hits=1, misses=3, unavailable=3)


def test_what_could_not_be_removed_is_not_found(cache: Cache, memory: Memory) -> None:
    """On a replica, which answers what it had."""
    cache.set("a", b"1")
    memory.error = redis.exceptions.ReadOnlyError("a replica")
    assert not cache.delete("a")
    memory.error = None
    assert cache.get_or_load("a", lambda: b"2") == b"2"
    assert cache.get("a") == b"2"


@pytest.mark.parametrize(
    "error",
    [
        redis.exceptions.ResponseError("WRONGTYPE Operation against a key holding the wrong kind"),
        redis.exceptions.DataError("Invalid input of type: 'dict'"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_mistake_is_raised(cache: Cache, memory: Memory, error: Exception) -> None:
    """It would be there for ever, and nobody would look for it."""
    memory.error = error
    with pytest.raises(type(error)):
        cache.get("a")
    with pytest.raises(type(error)):
        cache.set("a", b"1")
    with pytest.raises(type(error)):
        cache.delete("a")
