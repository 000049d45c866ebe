"""The cache: a hit in memory beside a dictionary, one in Redis beside a bare GET."""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.libs.row import Row
from pkg.cache import Cache, Plain, TieredCache
from pkg.clock import SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis

_IN_MEMORY = 20_000
_IN_REDIS = 500
_VALUE = b"v" * 200


def rows(rounds: int) -> list[Row]:
    """Microseconds of a hit."""
    clock = SystemClock()
    dictionary: dict[str, bytes] = {"a": _VALUE}
    over: list[float] = []
    redis_us: list[float] = []
    ratio: list[float] = []
    with Scope() as scope, TieredCache(None, Plain(), clock=clock) as memory:
        client: Any = scope.start(Redis()).client()
        memory.put("a", _VALUE)
        # Of memory for one value, two that are asked for in turn are always in Redis alone.
        shared = TieredCache(Cache(client, clock=clock, prefix="c:"), Plain(), clock=clock, size=1)
        for key in ("a", "b"):
            shared.put(key, _VALUE)
            client.set(key, _VALUE)
        for _ in range(rounds):
            bare = _microseconds(lambda: dictionary["a"], _IN_MEMORY)
            over.append(_microseconds(lambda: memory.get("a", _never), _IN_MEMORY) - bare)
            get = _microseconds(lambda: (client.get("a"), client.get("b")), _IN_REDIS) / 2
            hit = _microseconds(
                lambda: (shared.get("a", _never), shared.get("b", _never)), _IN_REDIS
            )
            redis_us.append(hit / 2)
            ratio.append(hit / 2 / get)
        shared.close()
    return [
        Row("cache: hit in memory, over a dict look-up", over, "µs", 2),
        Row("cache: hit in Redis", redis_us, "µs"),
        Row("cache: hit in Redis / bare GET of redis-py", ratio, "x"),
    ]


def _never() -> bytes:
    raise AssertionError("the value is there")


def _microseconds(act: Callable[[], object], times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        act()
    return (time.perf_counter() - began) * 1e6 / times
