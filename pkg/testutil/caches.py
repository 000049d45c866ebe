"""Caches of a harness, by its clock."""

from typing import Any, TypeVar

from pkg.cache import Ages, Cache, Codec, TieredCache
from pkg.dockertest.redis import RedisServer
from pkg.testutil.harness import Harness

V = TypeVar("V")


def tiered(
    h: Harness,
    name: str,
    codec: Codec[V],
    *,
    redis: RedisServer | None = None,
    ages: Ages | None = None,
) -> TieredCache[V]:
    """A cache that is closed with the harness. Two of one name and server share their entries.

    Args:
        h: by its clock entries grow old.
        name: begins every key in Redis.
        codec: how values are stored there.
        redis: the server that has the second tier; none unless given.
        ages: how long what was loaded is good.
    """
    shared: Cache | None = None
    if redis is not None:
        client: Any = h.closing(redis.client())
        shared = Cache(client, clock=h.clock, prefix=redis.name(f"{name}:"))
    return h.enter(TieredCache(shared, codec, clock=h.clock, ages=ages))
