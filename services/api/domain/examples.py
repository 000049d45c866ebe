"""Stored things for tests, and strategies for them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from services.api.domain.credits import Credits, Refill
from services.api.domain.key import Identity, Key, Ratelimit

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

steady = settings(derandomize=True, database=None, deadline=None, max_examples=300)

NAMES = st.sampled_from(["requests", "tokens", "uploads"])
DURATIONS = st.integers(1, 10**6).map(lambda ms: timedelta(milliseconds=ms))
LIMITS = st.builds(
    Ratelimit, st.uuids().map(str), NAMES, st.integers(1, 100), DURATIONS, st.booleans()
)
SETS = st.lists(LIMITS, max_size=3, unique_by=lambda limit: limit.name).map(tuple)
MOMENTS = st.integers(-3, 3).map(lambda hours: NOW + hours * HOUR)
CREDITS = st.builds(
    Credits,
    st.integers(0, 3),
    st.none() | st.builds(Refill, st.integers(1, 3), st.none() | st.integers(1, 31)),
    MOMENTS,
)
KEYS = st.builds(
    Key,
    id=st.just("key_1"),
    workspace_id=st.sampled_from(["ws_1", "ws_2"]),
    api_id=st.sampled_from(["api_1", "api_2"]),
    keyspace_id=st.sampled_from(["ks_1", "ks_2"]),
    start=st.just("abcd"),
    created_at=MOMENTS,
    enabled=st.booleans(),
    expires_at=st.none() | MOMENTS,
    permissions=st.sets(st.sampled_from(["a.read", "a.*", "b"])).map(frozenset),
    credits=st.none() | CREDITS,
    ratelimits=SETS,
    identity=st.none() | st.builds(Identity, st.just("id_1"), st.just("user"), ratelimits=SETS),
)


def limit(name: str = "requests", *, auto_apply: bool = False, units: int = 10) -> Ratelimit:
    """A stored rate limit, of an hour."""
    return Ratelimit(f"rl_{name}", name, units, HOUR, auto_apply)


def key(**changes: Any) -> Key:
    """A key that is valid for everything."""
    made = Key("key_1", "ws_1", "api_1", "ks_1", "prod_abcd", NOW - HOUR)
    return replace(made, **changes)
