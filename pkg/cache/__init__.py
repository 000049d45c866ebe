"""Caches in Redis: of bytes, and of values with a tier in memory before it."""

from pkg.cache.cache import Cache, RedisClient, Stats
from pkg.cache.tiered import Ages, Codec, Plain, TieredCache

__all__ = ["Ages", "Cache", "Codec", "Plain", "RedisClient", "Stats", "TieredCache"]
