"""Limits on a real Redis: exact for all at once, and overrides take the place of requests'."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest

from pkg.cache import Cache
from pkg.cache.tiered import TieredCache
from pkg.clock import FakeClock
from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis, RedisServer
from pkg.ratelimit import Limiter
from services.api.domain.overrides import Override
from services.api.domain.stored import Namespace
from services.api.limiting import AGES, Limits, Space, Spaces
from services.api.rows import Rows
from services.api.testutil.ports import port
from services.api.wire.ratelimit import LimitRequest

pytestmark = pytest.mark.services(Redis())
NAMESPACE = Namespace("rlns_1", "sms")
MINUTE = timedelta(minutes=1)


def asked(identifier: str = "user_1", limit: int = 10, cost: int = 1) -> LimitRequest:
    """So much in a minute."""
    return LimitRequest(
        namespace="sms", identifier=identifier, limit=limit, duration=60_000, cost=cost
    )


@pytest.fixture
def server(dockertest: Scope) -> RedisServer:
    """A fresh Redis."""
    return dockertest.start(Redis())


@pytest.fixture
def limits(server: RedisServer, clock: FakeClock) -> Limits:
    """One instance's."""
    return Limits(Limiter(server.client(), clock=clock), clock=clock)


def test_a_limit_is_counted(limits: Limits, clock: FakeClock) -> None:
    """What is left is told, and when it is whole again."""
    space = Space(NAMESPACE)
    first = limits.take(space, asked(cost=7))
    assert (first.passed, first.limit, first.remaining, first.override_id) == (True, 10, 3, None)
    assert first.reset == clock.now() + MINUTE
    clock.advance(20)
    refused = limits.take(space, asked(cost=4))
    assert (refused.passed, refused.remaining) == (False, 3)
    assert refused.reset == clock.now() + timedelta(seconds=40)
    clock.set(refused.reset)
    assert limits.take(space, asked(cost=4)).passed


def test_identifiers_and_name_spaces_are_counted_apart(limits: Limits) -> None:
    """Also where one's name is in the other's."""
    other = Space(Namespace("rlns_2", "sms"))
    for space, identifier in [
        (Space(NAMESPACE), "a"),
        (Space(NAMESPACE), "a/60000"),
        (Space(NAMESPACE), "*"),
        (other, "a"),
    ]:
        assert limits.take(space, asked(identifier, limit=1)).remaining == 0
        assert not limits.take(space, asked(identifier, limit=1)).passed


def test_an_override_takes_the_place_of_the_request(limits: Limits, clock: FakeClock) -> None:
    """For those of its pattern; 0 lets nothing through."""
    space = Space(
        NAMESPACE,
        (
            Override("rlor_1", "vip_*", 2, timedelta(hours=1)),
            Override("rlor_2", "vip_bad", 0, MINUTE),
        ),
    )
    vip = limits.take(space, asked("vip_1", limit=1))
    assert (vip.passed, vip.limit, vip.remaining, vip.override_id) == (True, 2, 1, "rlor_1")
    assert vip.reset == clock.now() + timedelta(hours=1)
    bad = limits.take(space, asked("vip_bad"))
    assert (bad.passed, bad.limit, bad.override_id) == (False, 0, "rlor_2")
    assert limits.take(space, asked("user_1")).override_id is None


def test_a_limit_is_never_overrun(server: RedisServer, clock: FakeClock) -> None:
    """By two instances with eight threads each."""
    both = [Limits(Limiter(server.client(), clock=clock), clock=clock) for _ in range(2)]
    with ThreadPoolExecutor(16) as pool:
        jobs = [
            pool.submit(each.take, Space(NAMESPACE), asked(limit=20))
            for each in both
            for _ in range(40)
        ]
        assert Counter(job.result().passed for job in jobs) == {True: 20, False: 60}


@contextmanager
def spaces(
    server: RedisServer, clock: FakeClock, stored: dict[str, list[Override]]
) -> Iterator[Spaces]:
    """An instance's, on a store of name spaces of ws_1 by name."""
    cache = Cache(server.client(), clock=clock, prefix="spaces:")
    namespaces = port(
        find=lambda workspace_id, name: (
            Namespace(name, name) if workspace_id == "ws_1" and name in stored else None
        ),
        overrides=lambda namespace_id: stored[namespace_id],
    )
    with TieredCache[Space](cache, Rows(Space, "1"), clock=clock, ages=AGES) as tiered:
        yield Spaces(tiered, namespaces)


def test_a_name_space_is_found_with_its_overrides(server: RedisServer, clock: FakeClock) -> None:
    """For its own workspace, under any name."""
    override = Override("rlor_1", "ä*", 2, MINUTE)
    name = "name: of\nany / characters"
    with spaces(server, clock, {name: [override]}) as found, spaces(server, clock, {}) as other:
        assert found.find("ws_1", name) == Space(Namespace(name, name), (override,))
        assert found.find("ws_2", name) is None
        assert found.find("ws_1", "other") is None
        # What one instance has found, the others have from Redis.
        assert other.find("ws_1", name) == found.find("ws_1", name)


def test_a_change_is_seen(server: RedisServer, clock: FakeClock) -> None:
    """At once where it was made, and within ten seconds elsewhere."""
    stored: dict[str, list[Override]] = {"sms": []}
    with spaces(server, clock, stored) as here, spaces(server, clock, stored) as there:
        assert here.find("ws_1", "sms") == there.find("ws_1", "sms")
        stored["sms"] = [Override("rlor_1", "*", 2, MINUTE)]
        here.forget("ws_1", Namespace("sms", "sms"), "sms")
        space = here.find("ws_1", "sms")
        assert space is not None
        assert space.overrides == tuple(stored["sms"])
        clock.advance(11)
        assert there.find("ws_1", "sms") == space
