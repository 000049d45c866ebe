"""Credits are spent exactly, refills included, as the domain has it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pkg.clock import FakeClock
from pkg.db import Database
from pkg.dockertest.mysql import MySQL
from pkg.testutil.containers import Containers
from services.api.domain.credits import MOST, Credits, Refill
from services.api.store.credits import Spent, credits_for_update, set_credits, spend_credits
from services.api.store.schema import SCHEMA
from services.api.testutil.store import a_key, database, single, store_key, write

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
REFILLS = st.none() | st.builds(Refill, st.integers(1, 5), st.none() | st.integers(1, 31))


@pytest.fixture
def db(containers: Containers, clock: FakeClock) -> Database:
    """The store, with a key that has no credits yet."""
    made = database(containers.start(MySQL(schema=SCHEMA)))
    store_key(made, a_key(clock.now(), id="key_1"))
    return made


def spend(db: Database, cost: int, now: datetime) -> Spent:
    return single(db, spend_credits, "key_1", cost, now)


@settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.integers(0, 5),
    REFILLS,
    MOMENTS,
    st.timedeltas(timedelta(), timedelta(days=70)),
    st.integers(0, 6),
)
@example(2, Refill(5, 31), datetime(2028, 2, 28, tzinfo=UTC), timedelta(days=1), 5)
@example(2, Refill(5, 31), datetime(2028, 2, 29, tzinfo=UTC), timedelta(), 5)
@example(MOST, None, datetime(2028, 2, 29, tzinfo=UTC), timedelta(), 0)
@example(MOST, Refill(1), datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1), 1)
def test_a_row_is_spent_from_as_the_domain_does(
    db: Database,
    remaining: int,
    refill: Refill | None,
    since: datetime,
    later: timedelta,
    cost: int,
) -> None:
    """What is left, and up to when refills are done; whether or not there is enough."""
    credits, now = Credits(remaining, refill, since), since + later
    write(db, set_credits, "key_1", credits)
    spent = spend(db, cost, now)
    expected = credits.spend(cost, now)
    assert spent.done is (expected is not None)
    assert spent.left == (expected or credits.at(now)).remaining
    stored = write(db, credits_for_update, "key_1")
    assert stored == (expected or credits)


def test_of_many_that_spend_at_once_as_many_as_there_are_credits_do(
    db: Database, clock: FakeClock
) -> None:
    """Sixteen threads, in transactions and without; none is told a number twice."""
    now = clock.now()
    write(db, set_credits, "key_1", Credits(50, None, now))

    def one(number: int) -> Spent:
        do = db.write if number % 2 else db.transaction
        return do(lambda connection: spend_credits(connection, "key_1", 1, now))

    with ThreadPoolExecutor(16) as pool:
        spent = list(pool.map(one, range(120)))
    assert sorted(each.left or 0 for each in spent if each.done) == list(range(50))
    assert all(each.left == 0 for each in spent if not each.done)


def test_a_refill_that_many_meet_is_done_once(db: Database, clock: FakeClock) -> None:
    """At midnight, all at once: no more is spent than one refill gives."""
    now = clock.now()
    yesterday = now - timedelta(days=1)
    credits = Credits(0, Refill(20), yesterday)
    write(db, set_credits, "key_1", credits)
    with ThreadPoolExecutor(16) as pool:
        spent = list(pool.map(lambda _: spend(db, 1, now), range(60)))
    assert sum(each.done for each in spent) == 20


def test_of_a_key_that_was_removed_nothing_is_spent(db: Database, clock: FakeClock) -> None:
    """Its credits are gone with it: that is not as many as one likes, to who still remembers it."""
    assert single(db, spend_credits, "key_2", 0, clock.now()) == Spent(False, 0)


def test_without_a_row_one_spends_as_one_likes(db: Database, clock: FakeClock) -> None:
    """Credits may have become unlimited since the key was read."""
    assert spend(db, 10**9, clock.now()) == Spent(True, None)
    write(db, set_credits, "key_1", Credits(1, None, clock.now()))
    assert spend(db, 2, clock.now()) == Spent(False, 1)
    write(db, set_credits, "key_1", None)
    assert spend(db, 2, clock.now()) == Spent(True, None)
