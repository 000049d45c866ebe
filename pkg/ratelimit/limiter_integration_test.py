"""The limiter on a real Redis: exact over all instances, and going on without it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry

from pkg.clock import FakeClock
from pkg.dockertest import Scope
from pkg.dockertest.redis import Redis, RedisServer
from pkg.outage import AWAY
from pkg.ratelimit import Decision, Limit, Limiter
from pkg.testutil import eventually
from pkg.testutil.redis_refusals import REFUSALS

SECOND = timedelta(seconds=1)
TEN = Limit("key_1", units=10, window=SECOND)


def limiter(server: RedisServer, clock: FakeClock, prefix: str = "") -> Limiter:
    """An instance's, with connections of its own that wait for a slow machine."""
    return Limiter(server.client(), clock=clock, prefix=prefix)


def impatient(server: RedisServer) -> "redis.Redis":
    """A client that gives up after half a second, as a service's should."""
    return redis.Redis(
        host=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        retry=Retry(NoBackoff(), retries=0),
    )


def test_a_window_slides(dockertest: Scope, clock: FakeClock) -> None:
    """What was used leaves it one by one, not all on the second."""
    mine = limiter(dockertest.start(Redis()), clock)
    for number in range(10):
        assert mine.take(TEN) == Decision(True, 9 - number, timedelta())
        clock.advance(0.05)
    assert mine.take(TEN) == Decision(False, 0, timedelta(milliseconds=500))
    clock.advance(0.499)
    assert not mine.take(TEN).allowed
    clock.advance(0.001)
    assert mine.take(TEN).allowed
    assert not mine.take(TEN).allowed
    clock.advance(SECOND)
    assert mine.take(TEN, 0) == Decision(True, 10, timedelta())


def test_units_are_taken_together_or_not_at_all(dockertest: Scope, clock: FakeClock) -> None:
    """And when so many can be there is told."""
    mine = limiter(dockertest.start(Redis()), clock)
    assert mine.take(TEN, 6).remaining == 4
    clock.advance(0.2)
    assert mine.take(TEN, 3).remaining == 1
    assert mine.take(TEN, 2) == Decision(False, 1, timedelta(milliseconds=800))
    assert mine.take(TEN, 8) == Decision(False, 1, SECOND)
    assert mine.take(TEN, 11) == Decision(False, 1, SECOND)
    assert mine.take(TEN, 1).allowed


def test_several_limits_are_used_together(dockertest: Scope, clock: FakeClock) -> None:
    """Where one has not enough left, the others keep theirs."""
    mine = limiter(dockertest.start(Redis()), clock)
    few = Limit("workspace_1", units=2, window=timedelta(minutes=1))
    for _ in range(2):
        assert all(one.allowed for one in mine.take_all([(TEN, 1), (few, 1)]))
    one, other = mine.take_all([(TEN, 1), (few, 1)])
    assert (one.allowed, one.remaining) == (True, 8)
    assert (other.allowed, other.retry_after) == (False, timedelta(minutes=1))
    assert mine.take(TEN, 0).remaining == 8
    with pytest.raises(ValueError, match="stands twice"):
        mine.take_all([(TEN, 1), (TEN, 1)])
    with pytest.raises(ValueError, match="must not be negative"):
        mine.take(TEN, -1)


def test_several_limits_are_used_each_for_itself(dockertest: Scope, clock: FakeClock) -> None:
    """As one by one: where one has not enough left, the others are used; one may stand twice."""
    server = dockertest.start(Redis())
    few = Limit("workspace_1", units=2, window=timedelta(minutes=1))
    asked = [(few, 1), (TEN, 4), (few, 2), (few, 1), (TEN, 0), (TEN, 7), (few, 1)]
    together = limiter(server, clock, "a:").take_each(asked)
    one_by_one = limiter(server, clock, "b:")
    assert together == [one_by_one.take(*each) for each in asked]
    assert [each.allowed for each in together] == [True, True, False, True, True, False, False]
    again = limiter(server, clock, "a:")
    assert (again.take(TEN, 0).remaining, again.take(few, 0).remaining) == (6, 0)
    clock.advance(timedelta(minutes=1))
    assert (again.take(TEN, 10).allowed, again.take(few, 2).allowed) == (True, True)
    with pytest.raises(ValueError, match="must not be negative"):
        again.take_each([(TEN, 1), (few, -1)])


def test_no_window_is_overrun_by_many_instances(dockertest: Scope, clock: FakeClock) -> None:
    """8 instances that take all they can get exactly the limit, in each of 5 windows."""
    server = dockertest.start(Redis())
    many = Limit("key_1", units=100, window=SECOND)
    instances = [limiter(server, clock) for _ in range(8)]
    start = threading.Barrier(len(instances))

    def take_all(mine: Limiter) -> int:
        start.wait()
        return sum(mine.take(many).allowed for _ in range(40))

    with ThreadPoolExecutor(len(instances)) as pool:
        for _ in range(5):
            assert sum(pool.map(take_all, instances)) == 100
            clock.advance(SECOND)


def test_a_clock_that_is_behind_brings_nothing_back(dockertest: Scope, clock: FakeClock) -> None:
    """Two instances disagree by half a second about the time."""
    server = dockertest.start(Redis())
    ahead = FakeClock(clock.now() + SECOND / 2)
    assert all(limiter(server, ahead).take(TEN).allowed for _ in range(10))
    assert not limiter(server, clock).take(TEN).allowed
    clock.advance(SECOND)
    assert not limiter(server, clock).take(TEN).allowed
    clock.advance(SECOND / 2)
    assert limiter(server, clock).take(TEN).allowed


def test_a_clock_that_was_set_back_is_not_waited_for(dockertest: Scope, clock: FakeClock) -> None:
    """Nothing is given twice; and Redis forgets what was used by its own clock."""
    server = dockertest.start(Redis())
    mine = limiter(server, clock)
    assert mine.take(TEN, 10).allowed
    clock.step(-3600 * SECOND)
    refused = mine.take(TEN)
    assert (refused.allowed, refused.retry_after) == (False, 61 * SECOND)
    with server.client() as client:
        assert all(0 < client.pttl(key) <= 61_000 for key in client.keys("*"))


def test_limits_have_names_and_prefixes_of_their_own(dockertest: Scope, clock: FakeClock) -> None:
    """What is used of one is not of another."""
    server = dockertest.start(Redis())
    one, other = limiter(server, clock, "a:"), limiter(server, clock, "b:")
    assert one.take(TEN, 10).allowed
    assert other.take(TEN, 10).allowed
    assert one.take(Limit("key_2", 10, SECOND), 10).allowed


def test_a_decision_is_one_round_trip(dockertest: Scope, clock: FakeClock) -> None:
    """Once Redis knows the script: of one limit and of several."""
    server = dockertest.start(Redis())
    mine = limiter(server, clock)
    mine.take(TEN)
    with server.client() as counting:
        before = _commands(counting)
        mine.take(TEN)
        mine.take_all([(TEN, 1), (Limit("key_2", 10, SECOND), 1)])
        mine.take_each([(TEN, 1), (Limit("key_2", 10, SECOND), 1), (TEN, 1)])
        # Beside them, the INFO that came before.
        assert _commands(counting) - before == 3 + 1


def _commands(client: Any) -> int:
    """How many commands clients have sent: those that a script calls are counted apart."""
    return sum(
        of["calls"]
        for name, of in client.info("commandstats").items()
        if name in ("cmdstat_evalsha", "cmdstat_eval", "cmdstat_info", "cmdstat_script|load")
    )


def test_nothing_stays_in_redis(dockertest: Scope, clock: FakeClock) -> None:
    """Every key has an end, not long after its window's."""
    server = dockertest.start(Redis())
    limiter(server, clock).take(TEN)
    with server.client() as client:
        lives = [client.pttl(key) for key in client.keys("*")]
    assert len(lives) == 2
    assert all(60_000 < life <= 61_000 for life in lives)


@pytest.mark.parametrize("fault", ["paused", "killed"])
def test_without_redis_each_instance_counts_alone(
    dockertest: Scope, clock: FakeClock, fault: str
) -> None:
    """Up to the limit each, and says so; when Redis is back, all are exact again."""
    server = dockertest.start(Redis())
    instances = [Limiter(impatient(server), clock=clock) for _ in range(2)]
    assert instances[0].take(TEN).exact
    (server.container.pause if fault == "paused" else server.container.kill)()
    for mine in instances:
        taken = [mine.take(TEN) for _ in range(12)]
        assert not any(one.exact for one in taken)
        assert sum(one.allowed for one in taken) == 10
        assert taken[-1].retry_after == SECOND
    (server.container.resume if fault == "paused" else server.container.restart)()

    def is_exact() -> bool:
        clock.advance(AWAY)
        return instances[0].take(TEN).exact and instances[1].take(TEN).exact

    eventually(is_exact)
    clock.advance(SECOND)
    assert sum(mine.take(TEN).allowed for mine in instances for _ in range(10)) == 10


def test_while_redis_is_away_nobody_waits_for_it(dockertest: Scope, clock: FakeClock) -> None:
    """One call has found out; the next ask it again only after a second of the clock."""
    server = dockertest.start(Redis())
    counting = _Counting(impatient(server))
    mine = Limiter(counting, clock=clock)
    mine.take(TEN)
    server.container.kill()
    for _ in range(20):
        mine.take(TEN)
    assert counting.calls == 2
    clock.advance(AWAY)
    mine.take(TEN)
    assert counting.calls == 3


class _Counting:
    """A client whose script counts its calls."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.calls = 0

    def register_script(self, script: str, /) -> Any:
        run = self._client.register_script(script)

        def counted(**asked: Any) -> Any:
            self.calls += 1
            return run(**asked)

        return counted


def test_a_full_redis_gives_the_limit_once(dockertest: Scope, clock: FakeClock) -> None:
    """It refuses all alike, also to look and what has no units left: the limiter is never in two
    minds of who counts, and nothing is half used when there is room again."""
    server = dockertest.start(Redis())
    mine = limiter(server, clock)
    spent = Limit("spent", units=1, window=SECOND)
    assert mine.take_all([(TEN, 7), (spent, 1)])[0].remaining == 3
    with REFUSALS["its memory is full"].on(server):
        taken = []
        for _ in range(12):
            assert not mine.take(spent, 0).exact
            taken.append(mine.take(TEN))
        assert not any(one.exact for one in taken)
        assert sum(one.allowed for one in taken) == 10
    assert mine.take(TEN, 0) == Decision(True, 3, timedelta())


def test_outages_in_one_window_are_one(dockertest: Scope, clock: FakeClock) -> None:
    """Redis comes and goes: an instance gives at most the limit by itself, not each time anew."""
    server = dockertest.start(Redis())
    mine = Limiter(impatient(server), clock=clock)
    daily = Limit("key_1", units=10, window=timedelta(days=1))

    def is_exact() -> bool:
        clock.advance(AWAY)
        return mine.take(daily, 0).exact

    allowed = 0
    for _ in range(2):
        server.container.pause()
        taken = [mine.take(daily) for _ in range(7)]
        assert not any(one.exact for one in taken)
        allowed += sum(one.allowed for one in taken)
        server.container.resume()
        eventually(is_exact)
    assert allowed == 10


def test_a_mistake_is_raised(dockertest: Scope, clock: FakeClock) -> None:
    """Somebody else's data where what was used should be: nobody would look for it otherwise."""
    server = dockertest.start(Redis())
    with server.client() as client:
        client.rpush("key_1:used", "someone else's")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        limiter(server, clock).take(TEN)
