"""A cache of bytes in Redis."""

from pkg.cache.cache import Cache, RedisClient, Stats

__all__ = ["Cache", "RedisClient", "Stats"]
