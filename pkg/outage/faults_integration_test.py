"""Redis killed, paused, cut off, reset, unheard, slow and refusing: cache and limiter go on."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pkg.cache import Cache, Plain, TieredCache
from pkg.clock import FakeClock, SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.container import Container
from pkg.dockertest.redis import Redis, RedisServer
from pkg.outage import AWAY
from pkg.ratelimit import Limit, Limiter
from pkg.testutil import eventually
from pkg.testutil.redis_refusals import REFUSALS

FAULTS: dict[str, tuple[Callable[[Container], None], Callable[[Container], None]]] = {
    "killed": (Container.kill, Container.restart),
    "paused": (Container.pause, Container.resume),
    "cut off": (Container.cut, Container.heal),
    "reset": (partial(Container.cut, reset=True), Container.heal),
    "unheard": (partial(Container.cut, direction="down"), Container.heal),
    "slow": (partial(Container.slow, latency=2.0), Container.heal),
}
EVERY_FAULT = pytest.mark.parametrize("fault", FAULTS)
TEN = Limit("key_1", units=10, window=timedelta(minutes=1))
# A client gives up after a fifth of a second; a busy machine may need longer to notice.
WITHIN_SECONDS = 15.0


def impatient(server: RedisServer) -> "redis.Redis":
    """A client as a service's should be: it gives up after 0.2 s, and tries once."""
    return redis.Redis(
        host=server.host,
        port=server.port,
        password=server.password,
        socket_timeout=0.2,
        socket_connect_timeout=0.2,
        retry=Retry(NoBackoff(), 0),
    )


def in_time[T](operation: Callable[[], T]) -> T:
    """What it returns, within its time."""
    clock = SystemClock()
    began = clock.monotonic()
    result = operation()
    assert clock.monotonic() - began < WITHIN_SECONDS
    return result


@EVERY_FAULT
def test_the_cache_goes_on_with_the_source(dockertest: Scope, clock: FakeClock, fault: str) -> None:
    """What is in memory is given, all else is loaded; afterwards Redis has it again."""
    server = dockertest.start(Redis().proxied())
    begin, end = FAULTS[fault]
    client = impatient(server)
    eventually(partial(answers, client))
    with TieredCache(Cache(client, clock=clock), Plain(), clock=clock) as cache:
        cache.put("known", b"1")
        begin(server.container)
        assert in_time(lambda: cache.get("known", lambda: b"loaded")) == b"1"
        assert in_time(lambda: cache.get("new", lambda: b"loaded")) == b"loaded"
        end(server.container)
        cache.forget("new")

        def is_stored() -> bool:
            clock.advance(AWAY)
            cache.put("new", b"2")
            return Cache(client, clock=clock).get("new") is not None

        eventually(is_stored)


@EVERY_FAULT
def test_the_limiter_counts_alone_and_says_so(
    dockertest: Scope, clock: FakeClock, fault: str
) -> None:
    """Never more than the limit for this instance; exact again when Redis is back."""
    server = dockertest.start(Redis().proxied())
    begin, end = FAULTS[fault]
    client = impatient(server)
    eventually(partial(answers, client))
    limiter = Limiter(client, clock=clock)
    eventually(lambda: limiter.take(TEN, 0).exact)
    begin(server.container)
    taken = in_time(lambda: [limiter.take(TEN) for _ in range(12)])
    assert not any(one.exact for one in taken)
    assert sum(one.allowed for one in taken) == 10
    end(server.container)

    def is_exact() -> bool:
        clock.advance(AWAY)
        return limiter.take(TEN, 0).exact

    eventually(is_exact)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_one_that_is_there_and_refuses_is_as_good_as_away(
    dockertest: Scope, clock: FakeClock, caplog: pytest.LogCaptureFixture, refusal: str
) -> None:
    """The limiter counts alone, the cache has its memory and the source; each says so once."""
    caplog.set_level(logging.INFO)
    server = dockertest.start(Redis())
    shared = Cache(single_minded(server), clock=clock)
    limiter = Limiter(single_minded(server), clock=clock)
    with TieredCache(shared, Plain(), clock=clock) as cache:
        cache.put("known", b"1")
        assert limiter.take(TEN, 4).exact
        with REFUSALS[refusal].on(server):
            for number in range(12):
                one = limiter.take(TEN)
                assert (one.exact, one.allowed) == (False, number < 10)
                assert cache.get("known", lambda: b"loaded") == b"1"
                assert cache.get(f"new {number}", lambda: b"loaded") == b"loaded"
            cache.forget("known")
            assert cache.get("known", lambda: b"changed") == b"changed"
        clock.advance(AWAY)
        cache.put("new 0", b"2")
        assert shared.get("new 0") is not None
        assert limiter.take(TEN, 0).exact
    for who in ("cache", "ratelimit"):
        lines = [record.getMessage() for record in caplog.records]
        begin, end = [line for line in lines if line.startswith(f"{who}: ")]
        assert "refuses" in begin or "lets nobody in" in begin
        assert end == f"{who}: Redis serves again"


def single_minded(server: RedisServer) -> "redis.Redis":
    """A client that tries once, and waits for a busy machine."""
    return redis.Redis(
        host=server.host, port=server.port, password=server.password, retry=Retry(NoBackoff(), 0)
    )


def answers(client: "redis.Redis") -> bool:
    """Whether a first call comes through: a busy machine may be too slow for it."""
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        return False
