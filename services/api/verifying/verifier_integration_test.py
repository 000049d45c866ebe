"""Verification on a real Redis: exact for all instances at once, cheap, and going on without it."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from pkg.clock import FakeClock
from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis, RedisServer
from pkg.fault import Fault
from services.api.domain import examples
from services.api.domain.credits import Credits
from services.api.domain.faults import InvalidRequest
from services.api.domain.key import Identity, Key
from services.api.domain.secret import digest
from services.api.domain.times import milliseconds
from services.api.domain.verification import Caller
from services.api.testutil.verifying import CALLER, Instance, Stored, instance
from services.api.wire.verification import VerifyCredits, VerifyRatelimit

pytestmark = pytest.mark.services(Redis())


@pytest.fixture
def server(dockertest: Scope) -> RedisServer:
    """A fresh Redis."""
    return dockertest.start(Redis())


@pytest.fixture
def clock() -> FakeClock:
    """Stands still, at the examples' time."""
    return FakeClock(examples.NOW)


@pytest.fixture
def stored() -> Stored:
    """An empty store."""
    return Stored()


@pytest.fixture
def api(server: RedisServer, stored: Stored, clock: FakeClock) -> Iterator[Instance]:
    """One instance."""
    with instance(server.client(), stored, clock) as made:
        yield made


def limited(units: int, **changes: object) -> Key:
    """A key with a limit that always counts."""
    return examples.key(ratelimits=(examples.limit(auto_apply=True, units=units),), **changes)


def test_a_valid_key_is_told_of(api: Instance, stored: Stored) -> None:
    """Who it is, what it may do, and how its limits and credits stand."""
    key = limited(
        5,
        name="a key",
        meta={"plan": "free"},
        permissions=frozenset({"a.read"}),
        roles=("reader",),
        credits=Credits(3, None, examples.NOW),
        identity=Identity("id_1", "user_1"),
    )
    told = api.verify(stored.add(key))
    assert (told.valid, told.code, told.key_id, told.keyspace_id) == (
        True,
        "VALID",
        "key_1",
        "ks_1",
    )
    assert (told.name, told.meta, told.credits) == ("a key", {"plan": "free"}, 2)
    assert (told.permissions, told.roles) == (["a.read"], ["reader"])
    assert told.identity is not None
    assert told.identity.external_id == "user_1"
    assert told.ratelimits is not None
    [limit] = told.ratelimits
    assert (limit.name, limit.remaining, limit.exceeded) == ("requests", 4, False)
    assert limit.reset == milliseconds(examples.NOW + timedelta(hours=1))


def test_each_verification_is_an_event(api: Instance, stored: Stored) -> None:
    """Also one that is refused, with what was spent; the key's text is not in it."""
    text = stored.add(examples.key(credits=Credits(5, None, examples.NOW)))
    api.verify(text, tags=["path=/a"], credits=VerifyCredits(cost=4))
    api.verify(text, credits=VerifyCredits(cost=4))
    assert [(e.outcome, e.cost, e.tags) for e in api.events] == [
        ("VALID", 4, ("path=/a",)),
        ("USAGE_EXCEEDED", 0, ()),
    ]
    assert len({each.id for each in api.events}) == 2
    assert all(each.key_id == "key_1" and each.request_id == "req_1" for each in api.events)
    assert text not in repr(api.events)


@pytest.mark.parametrize(
    "caller",
    [
        Caller("ws_2", CALLER.permissions),
        Caller("ws_1", frozenset({"api.api_2.verify_key"})),
    ],
)
def test_anothers_key_is_not_found(api: Instance, stored: Stored, caller: Caller) -> None:
    """Answered like one that nobody has, and nobody's event."""
    theirs = api.verify(stored.add(limited(1)), caller)
    assert theirs == api.verify("nobodys", caller)
    assert (theirs.valid, theirs.code, theirs.key_id) == (False, "NOT_FOUND", None)
    assert api.events == []


def test_who_may_verify_nothing_is_refused(api: Instance, stored: Stored) -> None:
    """Before a key is looked for."""
    with pytest.raises(Fault, match="insufficient_permissions"):
        api.verify(stored.add(examples.key()), Caller("ws_1", frozenset()))
    assert stored.loads == 0


@pytest.mark.parametrize("query", ["a.read AND", "(", "a b"])
def test_what_is_no_query_is_refused(api: Instance, stored: Stored, query: str) -> None:
    """Whether there is such a key or not."""
    for text in (stored.add(examples.key()), "nobodys"):
        with pytest.raises(InvalidRequest, match=r"body\.permissions"):
            api.verify(text, permissions=query)


def test_a_limit_of_nothing_lets_nothing_through(api: Instance, stored: Stored) -> None:
    """And nothing of the others is used."""
    text = stored.add(limited(1))
    blocked = VerifyRatelimit(name="other", limit=0, duration=1000)
    told = api.verify(text, ratelimits=[blocked])
    assert told.code == "RATE_LIMITED"
    assert told.ratelimits is not None
    assert {each.name: each.exceeded for each in told.ratelimits} == {
        "other": True,
        "requests": False,
    }
    assert api.verify(text).valid


def test_what_one_check_refuses_no_later_one_spends(api: Instance, stored: Stored) -> None:
    """Neither units nor credits."""
    text = stored.add(limited(1, credits=Credits(1, None, examples.NOW)))
    refused = api.verify(text, permissions="a.read")
    assert (refused.code, refused.credits) == ("INSUFFICIENT_PERMISSIONS", 1)
    assert api.verify(text).code == "VALID"
    assert api.verify(text).code == "RATE_LIMITED"


def test_limits_and_credits_are_never_overrun(
    server: RedisServer, stored: Stored, clock: FakeClock
) -> None:
    """By two instances with eight threads each."""
    limit = stored.add(limited(20))
    paid = stored.add(examples.key(id="key_2", credits=Credits(20, None, examples.NOW)))
    with (
        instance(server.client(), stored, clock) as one,
        instance(server.client(), stored, clock) as other,
        ThreadPoolExecutor(16) as pool,
    ):
        for text, refusal in ((limit, "RATE_LIMITED"), (paid, "USAGE_EXCEEDED")):
            jobs = [pool.submit(at.verify, text) for at in (one, other) for _ in range(40)]
            codes = Counter(job.result().code for job in jobs)
            assert codes == {"VALID": 20, refusal: 60}


class Counting(redis.Redis):
    """A client that counts its round trips."""

    trips = 0

    def execute_command(self, *args: Any, **options: Any) -> Any:
        self.trips += 1
        return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]


def connected[C: redis.Redis](kind: type[C], server: RedisServer) -> C:
    """A client that gives up after half a second, as a service's should."""
    return kind(
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), retries=0),
    )


def test_a_warm_key_costs_one_round_trip(
    server: RedisServer, stored: Stored, clock: FakeClock
) -> None:
    """None without limits; and the store is not asked."""
    client = connected(Counting, server)
    limited_text, plain = stored.add(limited(100)), stored.add(examples.key(id="key_2"))
    with instance(client, stored, clock) as api:
        for text, each in ((plain, 0), (limited_text, 1)):
            api.verify(text)
            before = client.trips, stored.loads
            for _ in range(10):
                assert api.verify(text).valid
            assert (client.trips - before[0], stored.loads - before[1]) == (10 * each, 0)


def test_a_change_is_seen_at_once_where_it_was_made(api: Instance, stored: Stored) -> None:
    """And elsewhere within half a minute."""
    text = stored.add(examples.key())
    assert api.verify(text).valid
    stored.keys[digest(text)] = replace(examples.key(), enabled=False)
    api.finder.forget(digest(text))
    assert api.verify(text).code == "DISABLED"


def test_a_change_is_seen_elsewhere_within_half_a_minute(
    server: RedisServer, stored: Stored, clock: FakeClock
) -> None:
    """However often the key is verified meanwhile, and if it is not."""
    text = stored.add(examples.key())
    with (
        instance(server.client(), stored, clock) as one,
        instance(server.client(), stored, clock) as other,
    ):
        assert other.verify(text).valid
        stored.keys[digest(text)] = replace(examples.key(), enabled=False)
        one.finder.forget(digest(text))
        clock.advance(31)
        assert other.verify(text).code == "DISABLED"


@pytest.mark.parametrize("fault", ["paused", "killed"])
def test_without_redis_it_goes_on(
    server: RedisServer, stored: Stored, clock: FakeClock, fault: str
) -> None:
    """Cold keys from the store, limits counted by each instance for itself."""
    client = connected(redis.Redis, server)
    with instance(client, stored, clock) as api:
        warm = stored.add(limited(2))
        assert api.verify(warm).valid
        (server.container.pause if fault == "paused" else server.container.kill)()
        assert [api.verify(warm).code for _ in range(3)] == ["VALID", "VALID", "RATE_LIMITED"]
        assert api.verify(stored.add(examples.key(id="key_2"))).valid
        assert api.verify("nobodys").code == "NOT_FOUND"


def test_an_event_that_finds_no_room_spoils_no_answer(
    api: Instance, stored: Stored, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was spent is spent; the log tells."""

    def full(_: object) -> None:
        raise BufferError

    monkeypatch.setattr(api.events, "publish", full)
    assert api.verify(stored.add(examples.key())).valid
    assert "an event of a verification is lost (BufferError)" in caplog.text
