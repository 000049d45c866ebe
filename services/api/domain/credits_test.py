"""Credits are never oversold, and come back exactly when they are due."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.domain.credits import Credits, Interval, Refill, due_before

steady = settings(derandomize=True, database=None, deadline=None, max_examples=500)
MOMENTS = st.datetimes(
    datetime(2000, 2, 1), datetime(2100, 1, 1), timezones=st.just(UTC)
) | st.datetimes(datetime(2000, 2, 1), datetime(2100, 1, 1)).map(
    lambda at: at.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=UTC)
)
DAYS = st.none() | st.integers(1, 31)
REFILLS = st.builds(Refill, st.integers(1, 10), DAYS)
CREDITS = st.builds(Credits, st.integers(0, 20), st.none() | REFILLS, MOMENTS)


def at(text: str) -> datetime:
    """A moment, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "now", "due"),
    [
        (None, "2026-03-01T00:00", "2026-03-01T00:00"),
        (None, "2026-02-28T23:59:59.999999", "2026-02-28T00:00"),
        (15, "2026-03-15T00:00", "2026-03-15T00:00"),
        (15, "2026-03-14T23:59", "2026-02-15T00:00"),
        (31, "2026-02-28T12:00", "2026-02-28T00:00"),
        (31, "2026-02-27T12:00", "2026-01-31T00:00"),
        (31, "2028-02-28T12:00", "2028-01-31T00:00"),
        (30, "2028-02-29T00:00", "2028-02-29T00:00"),
        (31, "2026-04-30T00:00", "2026-04-30T00:00"),
        (31, "2026-05-30T23:59", "2026-04-30T00:00"),
        (1, "2026-01-01T00:00", "2026-01-01T00:00"),
        (2, "2026-01-01T23:00", "2025-12-02T00:00"),
    ],
)
def test_a_refill_is_due_on_its_day(day: int | None, now: str, due: str) -> None:
    """Or on the last day of a month that has no such day."""
    assert due_before(Refill(1, day), at(now)) == at(due)


def test_a_day_is_one_of_utc() -> None:
    """Wherever the time was told."""
    tokyo = timezone(timedelta(hours=9))
    assert due_before(Refill(1), datetime(2026, 3, 1, 8, tzinfo=tokyo)) == at("2026-02-28T00:00")


@steady
@given(REFILLS, MOMENTS)
def test_the_last_refill_was_the_last(refill: Refill, now: datetime) -> None:
    """None is due between it and now, and each month has one."""
    due = due_before(refill, now)
    assert due <= now
    assert due_before(refill, due) == due
    longest = timedelta(days=1 if refill.interval is Interval.DAILY else 31)
    assert now - due < longest
    before = due_before(refill, due - timedelta(microseconds=1))
    assert before < due
    assert (due.year * 12 + due.month) - (before.year * 12 + before.month) == (
        1 if refill.day is not None else (due.day == 1)
    )


@steady
@given(CREDITS, MOMENTS, MOMENTS)
def test_steps_and_one_leap_come_to_the_same(
    given_: Credits, first: datetime, second: datetime
) -> None:
    """Whoever looks in between changes nothing."""
    first, second = sorted((first, second))
    assert given_.at(first).at(second) == given_.at(second)


@steady
@given(CREDITS, MOMENTS)
def test_a_refill_takes_nothing_away(given_: Credits, now: datetime) -> None:
    """It fills up to its amount, once, and only if there is one."""
    filled = given_.at(now)
    assert filled.remaining >= given_.remaining
    if filled != given_:
        assert given_.refill is not None
        assert filled.remaining == max(given_.remaining, given_.refill.amount)
        assert given_.refilled_at < filled.refilled_at <= now
    assert filled.at(now) == filled


@steady
@given(CREDITS, st.lists(st.tuples(st.integers(0, 8), MOMENTS), max_size=12))
def test_credits_are_never_oversold(given_: Credits, uses: list[tuple[int, datetime]]) -> None:
    """What was spent is at most what there was and what came back."""
    current, spent, refills = given_, 0, 0
    for cost, now in sorted(uses, key=lambda use: use[1]):
        refilled = current.at(now)
        refills += refilled.remaining - current.remaining
        after = current.spend(cost, now)
        if after is None:
            assert refilled.remaining < cost
            continue
        assert after.remaining == refilled.remaining - cost >= 0
        spent += cost
        current = after
    assert spent + current.remaining <= given_.remaining + refills


def test_nothing_costs_nothing() -> None:
    """A cost of 0 is always there."""
    empty = Credits(0, None, at("2026-01-01T00:00"))
    assert empty.spend(0, at("2026-01-02T00:00")) == empty
    assert empty.spend(1, at("2026-01-02T00:00")) is None
