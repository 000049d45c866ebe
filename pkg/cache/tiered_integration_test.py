"""Both tiers, with a Redis server of its own."""

from datetime import timedelta

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pkg.cache import Ages, Cache, Plain, TieredCache
from pkg.clock import FakeClock
from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis, RedisServer
from pkg.outage import AWAY
from pkg.testutil import eventually

AGES = Ages(fresh=timedelta(seconds=60), stale=timedelta(seconds=300), absent=timedelta(seconds=10))


class Number:
    """Whole numbers as text; of a later release's it knows nothing."""

    def encode(self, value: int) -> bytes:
        return str(value).encode()

    def decode(self, stored: bytes) -> int:
        return int(stored)


def tiered(server: RedisServer, clock: FakeClock) -> TieredCache[int]:
    """A process's, with nothing in memory."""
    client = redis.Redis(
        host=server.host,
        port=server.port,
        password=server.password,
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), retries=0),
    )
    return TieredCache(Cache(client, clock=clock), Number(), clock=clock, ages=AGES)


def no_load() -> int:
    raise AssertionError("it is in Redis")


def test_what_one_process_has_loaded_another_finds(dockertest: Scope, clock: FakeClock) -> None:
    """As fresh as it is for the first, and that there is none, too."""
    server = dockertest.start(Redis())
    with tiered(server, clock) as one, tiered(server, clock) as other:
        assert one.get("a", lambda: 1) == 1
        assert one.get("b", lambda: None) is None
        clock.advance(9)
        assert other.get("a", no_load) == 1
        assert other.get("b", no_load) is None
        clock.advance(51)
        assert other.get("a", lambda: 2) == 1
        eventually(lambda: other.get("a", no_load) == 2)
        assert other.get("b", lambda: 3) == 3


def test_a_stale_value_in_redis_is_good_enough_when_the_source_is_away(
    dockertest: Scope, clock: FakeClock
) -> None:
    """For a process that starts just then; one that is too old is gone."""
    server = dockertest.start(Redis())

    def away() -> int:
        raise OSError("away")

    with tiered(server, clock) as one:
        one.get("a", lambda: 1)
    clock.advance(60)
    with tiered(server, clock) as other:
        assert other.get("a", away) == 1
    clock.advance(300)
    with tiered(server, clock) as third, pytest.raises(OSError, match="away"):
        third.get("a", away)


def test_by_a_clock_that_was_set_back_nothing_is_fresh_for_longer(
    dockertest: Scope, clock: FakeClock
) -> None:
    """What is found in Redis is from the time before; that there is none, too."""
    server = dockertest.start(Redis())
    with tiered(server, clock) as one, tiered(server, clock) as other:
        one.get("a", lambda: 1)
        one.get("b", lambda: None)
        clock.step(timedelta(hours=-3))
        assert other.get("a", no_load) == 1
        assert other.get("b", no_load) is None
        with server.client() as client:
            client.flushall()
        clock.advance(AGES.absent)
        assert other.get("b", lambda: 2) == 2
        clock.advance(AGES.fresh + AGES.stale)
        assert other.get("a", lambda: 2) == 2


def test_a_value_of_another_release_is_loaded_anew(dockertest: Scope, clock: FakeClock) -> None:
    """Bytes that the codec refuses, and bytes that are no entry."""
    server = dockertest.start(Redis())
    with TieredCache(Cache(server.client(), clock=clock), Plain(), clock=clock) as later:
        later.put("a", b"no number")
    Cache(server.client(), clock=clock).set("b", b"short")
    with tiered(server, clock) as cache:
        assert cache.get("a", lambda: 1) == 1
        assert cache.get("b", lambda: 2) == 2


def test_many_are_forgotten_in_few_round_trips(dockertest: Scope, clock: FakeClock) -> None:
    """However many: nobody waits for one after the other."""
    server = dockertest.start(Redis())
    names = [str(number) for number in range(2500)]
    with tiered(server, clock) as one, tiered(server, clock) as other:
        for name in names:
            one.put(name, 1)
        one.forget_all(names[:-1])
        assert server.client().info("commandstats")["cmdstat_del"]["calls"] == 3
        assert one.get(names[0], lambda: 2) == 2
        assert other.get(names[1], lambda: 2) == 2
        assert other.get(names[-1], no_load) == 1


def test_forgetting_reaches_redis(dockertest: Scope, clock: FakeClock) -> None:
    """A process that has it not in memory loads it anew."""
    server = dockertest.start(Redis())
    with tiered(server, clock) as one, tiered(server, clock) as other:
        one.get("a", lambda: 1)
        one.forget("a")
        assert other.get("a", lambda: 2) == 2


@pytest.mark.parametrize("fault", ["paused", "killed"])
def test_it_goes_on_without_redis(dockertest: Scope, clock: FakeClock, fault: str) -> None:
    """With what is in memory, and what the source gives; and with Redis again when it is back."""
    server = dockertest.start(Redis())
    with tiered(server, clock) as cache, tiered(server, clock) as other:
        cache.get("a", lambda: 1)
        (server.container.pause if fault == "paused" else server.container.kill)()
        assert cache.get("a", no_load) == 1
        assert cache.get("b", lambda: 2) == 2
        assert cache.get("b", no_load) == 2
        (server.container.resume if fault == "paused" else server.container.restart)()

        def is_stored() -> bool:
            clock.advance(AWAY)
            cache.put("c", 3)
            return Cache(server.client(), clock=clock).get("c") is not None

        eventually(is_stored)
        assert other.get("c", no_load) == 3
