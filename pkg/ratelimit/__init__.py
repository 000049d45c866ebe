"""Rate limits: at most so much in any window of so long, over all instances."""

from pkg.ratelimit.limit import Decision, Limit
from pkg.ratelimit.limiter import Limiter, RedisClient

__all__ = ["Decision", "Limit", "Limiter", "RedisClient"]
