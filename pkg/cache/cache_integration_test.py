"""The cache on a Redis server of its own."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pkg.cache import Cache
from pkg.clock import FakeClock
from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis, RedisServer
from pkg.outage import AWAY
from pkg.testutil import eventually


def test_an_entry_is_found_by_another_process_of_the_same_service(
    dockertest: Scope, clock: FakeClock
) -> None:
    """Two clients of one server share what either stores, bytes unchanged."""
    server = dockertest.start(Redis())
    one, other = Cache(server.client(), clock=clock), Cache(server.client(), clock=clock)
    every_byte = bytes(range(256))
    assert one.set("a", every_byte)
    assert other.get("a") == every_byte
    assert other.delete("a")
    assert one.get("a") is None


def test_an_entry_expires(dockertest: Scope, clock: FakeClock) -> None:
    """The test's clock decides, though Redis still has the entry."""
    client = dockertest.start(Redis()).client()
    cache = Cache(client, clock=clock, ttl=timedelta(hours=1))
    cache.set("a", b"1")
    clock.advance(timedelta(minutes=59))
    assert cache.get("a") == b"1"
    clock.advance(timedelta(minutes=1))
    assert cache.get("a") is None
    assert client.exists("a") == 1


def test_redis_itself_removes_what_nobody_asks_for(dockertest: Scope, clock: FakeClock) -> None:
    """The server's ttl is the entry's and one minute."""
    client = dockertest.start(Redis()).client()
    Cache(client, clock=clock, ttl=timedelta(hours=1)).set("a", b"1")
    minute = 60_000
    assert 60 * minute < client.pttl("a") <= 61 * minute


def test_a_key_of_another_type_is_an_error_by_name(dockertest: Scope, clock: FakeClock) -> None:
    """A list where an entry should be is someone else's data: it is not overwritten unasked."""
    client = dockertest.start(Redis()).client()
    client.rpush("a", "someone else's")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        Cache(client, clock=clock).get("a")


def test_damaged_bytes_are_loaded_anew(dockertest: Scope, clock: FakeClock) -> None:
    """One changed byte in Redis, and the cache gets the value from its source again."""
    client = dockertest.start(Redis()).client()
    cache = Cache(client, clock=clock)
    cache.set("a", b"value")
    client.setrange("a", 15, b"V")
    assert cache.get_or_load("a", lambda: b"from the source") == b"from the source"
    assert cache.get("a") == b"from the source"
    assert cache.stats.bad == 1


@pytest.mark.parametrize("fault", ["kill", "pause"])
def test_an_outage_is_lived_through(dockertest: Scope, clock: FakeClock, fault: str) -> None:
    """While Redis is dead or hangs, values come from the source; afterwards from Redis again."""
    server = dockertest.start(Redis())
    faults: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "kill": (server.container.kill, server.container.restart),
        "pause": (server.container.pause, server.container.resume),
    }
    begin, end = faults[fault]
    cache = Cache(impatient(server), clock=clock)
    cache.set("a", b"in Redis")
    begin()
    eventually(lambda: not cache.set("probe", b""))
    before = cache.stats.unavailable
    assert cache.get_or_load("a", lambda: b"from the source") == b"from the source"
    assert cache.stats.unavailable == before + 2  # it was neither read nor written
    end()

    def is_stored() -> bool:
        clock.advance(AWAY)
        return cache.set("a", b"in Redis again")

    eventually(is_stored)
    assert cache.get("a") == b"in Redis again"


def impatient(server: RedisServer) -> redis.Redis:
    """A client that gives up after 0.2 s and tries only once."""
    return redis.Redis(
        host=server.host,
        port=server.port,
        password=server.password,
        socket_timeout=0.2,
        retry=Retry(NoBackoff(), 0),
    )
