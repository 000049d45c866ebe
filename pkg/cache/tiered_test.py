"""The tier in memory: what is fresh, what is good enough, and who loads."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from pkg.cache import Ages, Plain, TieredCache
from pkg.clock import FakeClock
from pkg.testutil import eventually

AGES = Ages(fresh=timedelta(seconds=60), stale=timedelta(seconds=300), absent=timedelta(seconds=10))


class Source:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.value: bytes | None = b"1"
        self.asked = 0
        self.failing = False

    def load(self) -> bytes | None:
        self.asked += 1
        if self.failing:
            raise OSError("the source is away")
        return self.value


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def cache(clock: FakeClock) -> Iterator[TieredCache[bytes]]:
    with TieredCache(None, Plain(), clock=clock, ages=AGES) as cache:
        yield cache


def test_a_fresh_value_is_not_loaded_again(
    cache: TieredCache[bytes], source: Source, clock: FakeClock
) -> None:
    """Until it is a minute old."""
    assert cache.get("a", source.load) == b"1"
    source.value = b"2"
    clock.advance(59.9)
    assert cache.get("a", source.load) == b"1"
    assert source.asked == 1


def test_a_stale_value_is_given_while_it_is_loaded_anew(
    cache: TieredCache[bytes], source: Source, clock: FakeClock
) -> None:
    """Nobody waits; soon all have the new one."""
    cache.get("a", source.load)
    source.value = b"2"
    clock.advance(60)
    assert cache.get("a", source.load) == b"1"
    eventually(lambda: cache.get("a", source.load) == b"2")
    assert source.asked == 2


def test_a_value_that_is_too_old_is_waited_for(
    cache: TieredCache[bytes], source: Source, clock: FakeClock
) -> None:
    """After six minutes, the source's own is the only good one."""
    cache.get("a", source.load)
    source.value = b"2"
    clock.advance(360)
    assert cache.get("a", source.load) == b"2"


def test_that_there_is_none_is_remembered_for_less_long(
    cache: TieredCache[bytes], source: Source, clock: FakeClock
) -> None:
    """And never given when it is stale: the value may be there now."""
    source.value = None
    assert cache.get("a", source.load) is None
    assert cache.get("a", source.load) is None
    assert source.asked == 1
    source.value = b"1"
    clock.advance(10)
    assert cache.get("a", source.load) == b"1"


def test_of_two_hundred_that_need_a_value_one_loads_it(cache: TieredCache[bytes]) -> None:
    """The others wait for it; another key's load goes on beside."""
    asked: list[str] = []
    start, may_end = threading.Barrier(201), threading.Event()

    def load() -> bytes:
        asked.append("a")
        may_end.wait(30)
        return b"1"

    def get(_: int) -> bytes | None:
        start.wait()
        return cache.get("a", load)

    with ThreadPoolExecutor(200) as pool:
        getting = [pool.submit(get, number) for number in range(200)]
        start.wait()
        assert cache.get("b", lambda: b"2") == b"2"
        may_end.set()
        assert {one.result() for one in getting} == {b"1"}
    assert asked == ["a"]


def test_a_load_that_fails_fails_all_who_wait_and_is_tried_again(
    cache: TieredCache[bytes], source: Source
) -> None:
    """Nothing is stored of it."""
    source.failing = True
    for _ in range(2):
        with pytest.raises(OSError, match="the source is away"):
            cache.get("a", source.load)
    source.failing = False
    assert cache.get("a", source.load) == b"1"


def test_a_source_that_is_away_does_not_take_a_stale_value(
    cache: TieredCache[bytes], source: Source, clock: FakeClock
) -> None:
    """It is given until it is too old; then the error is raised."""
    cache.get("a", source.load)
    source.failing = True
    clock.advance(60)
    for _ in range(3):
        assert cache.get("a", source.load) == b"1"
    eventually(lambda: source.asked > 1)
    clock.advance(300)
    with pytest.raises(OSError, match="the source is away"):
        cache.get("a", source.load)


def test_what_is_known_can_be_put_and_forgotten(cache: TieredCache[bytes], source: Source) -> None:
    """After a write of one's own."""
    cache.put("a", b"2")
    assert cache.get("a", source.load) == b"2"
    cache.put("a", None)
    assert cache.get("a", source.load) is None
    cache.forget("a")
    assert cache.get("a", source.load) == b"1"


@pytest.mark.parametrize("change", ["forget", "put"])
def test_what_was_being_loaded_at_a_change_is_not_kept(
    cache: TieredCache[bytes], source: Source, change: str
) -> None:
    """It is from before; who asks after the change does not wait for it either."""
    begun, may_end = threading.Event(), threading.Event()

    def load_slowly() -> bytes:
        begun.set()
        may_end.wait(30)
        return b"before"

    source.value = b"after"
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(cache.get, "a", load_slowly)
        assert begun.wait(30)
        if change == "forget":
            cache.forget("a")
        else:
            cache.put("a", b"after")
        assert cache.get("a", source.load) == b"after"
        may_end.set()
        assert early.result() == b"before"
    assert cache.get("a", source.load) == b"after"


def test_who_only_peeks_asks_nobody(
    cache: TieredCache[bytes], source: Source, clock: FakeClock
) -> None:
    """And is given what is fresh alone, be it that there is no value."""
    assert cache.peek("a") is None
    cache.get("a", source.load)
    clock.advance(59.9)
    held = cache.peek("a")
    assert held is not None
    assert held.value == b"1"
    clock.advance(0.1)
    assert cache.peek("a") is None
    cache.put("a", None)
    held = cache.peek("a")
    assert held is not None
    assert held.value is None
    assert source.asked == 1


def test_memory_is_bounded(clock: FakeClock) -> None:
    """Those longest not asked for make room."""
    loads: list[str] = []

    def load(key: str) -> Callable[[], bytes]:
        def from_source() -> bytes:
            loads.append(key)
            return b"1"

        return from_source

    with TieredCache(None, Plain(), clock=clock, ages=AGES, size=2) as cache:
        for key in ("a", "b", "a", "c", "a", "b"):
            cache.get(key, load(key))
    assert loads == ["a", "b", "c", "b"]


def test_a_closed_cache_still_answers(source: Source, clock: FakeClock) -> None:
    """Who asks for what is stale loads it, and gets it the next time."""
    with TieredCache(None, Plain(), clock=clock, ages=AGES) as cache:
        cache.get("a", source.load)
    source.value = b"2"
    clock.advance(60)
    assert cache.get("a", source.load) == b"1"
    assert cache.get("a", source.load) == b"2"


@pytest.mark.parametrize("fresh", [timedelta(), timedelta(seconds=-1)])
def test_ages_that_make_no_sense_are_refused(fresh: timedelta) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        Ages(fresh=fresh)
