"""What a query becomes: names of its columns, moments as milliseconds, bounds for the table."""

import re

import pytest

from services.api.analytics.guard import NotTaken, Statement, guarded

WEEK = "(toInt64(toUnixTimestamp(toDateTime((now() - toIntervalDay(7))))) * 1000)"
LAST_WEEK = "now() - INTERVAL 7 DAY"


def asked(what: str, table: str = "key_verifications_v1", rest: str = "") -> Statement:
    """What a SELECT becomes."""
    return guarded(f"SELECT {what} FROM {table} {rest}", "ws_1")


def inner(statement: Statement) -> str:
    """The conditions under which the table is read, the workspace's apart."""
    [found] = re.findall(
        r"%\(workspace\)s(.*?)(?: GROUP BY toS.*?| GROUP BY toD.*?)?\) AS `", statement.sql
    )
    return str(found)


@pytest.mark.parametrize(
    ("what", "labels"),
    [
        ("key_id, time AS t", ["key_id", "t"]),
        ("COUNT( * )", ["COUNT( * )"]),
        ("sum(spent_credits)\n / 2, 'a  b'", ["sum(spent_credits) / 2", "'a b'"]),
        ("k.key_id, `outcome`", ["key_id", "outcome"]),
    ],
)
def test_columns_have_the_callers_names(what: str, labels: list[str]) -> None:
    """The alias, the column, or what is written."""
    assert asked(what, "key_verifications_v1 AS k").labels == labels


def test_a_star_is_all_columns() -> None:
    """Of a table, and of a subquery."""
    labels = asked("*", "(SELECT count(), max(time) AS last FROM key_verifications_v1)").labels
    assert labels == ["count()", "last"]


@pytest.mark.parametrize(
    ("rest", "bound"),
    [
        (f"WHERE time >= {LAST_WEEK}", f" AND at >= {WEEK}"),
        (f"WHERE {LAST_WEEK} < time AND key_id = 'a'", f" AND at > {WEEK}"),
        ("WHERE (time >= 5 AND (1 = 1 AND time < 10))", " AND at >= 5 AND at < 10"),
        ("WHERE time BETWEEN 5 AND 2 * 4", " AND at >= 5 AND at <= (2 * 4)"),
        ("WHERE time = 5 LIMIT 1", " AND at = 5"),
        ("WHERE time >= 5 OR key_id = 'a'", ""),
        ("WHERE NOT time >= 5", ""),
        ("WHERE time != 5", ""),
        ("WHERE time >= spent_credits", ""),
        ("WHERE time >= length(key_id)", ""),
        ("WHERE time >= '5'", ""),
        ("WHERE spent_credits >= 5", ""),
        ("", ""),
    ],
)
def test_the_table_is_bounded_as_the_query_is(rest: str, bound: str) -> None:
    """By conditions that all must hold, with what is the same for all rows."""
    assert inner(asked("key_id", rest=rest)) == bound


def test_buckets_are_bounded_with_a_day_to_spare() -> None:
    """From below: they begin before what is in them, and perhaps in another time zone."""
    for table in ("key_verifications_per_hour_v1", "key_verifications_per_day_v1"):
        statement = asked("count", table, f"WHERE time >= {LAST_WEEK} AND time < now()")
        assert inner(statement) == f" AND at >= {WEEK} - 86400000"


def test_another_time_is_no_bound() -> None:
    """An alias comes before the column; the same name for the same thing is none."""
    assert inner(asked("spent_credits AS time", rest="WHERE time >= 5")) == ""
    assert inner(asked("time AS time", rest="WHERE time >= 5")) == " AND at >= 5"


@pytest.mark.parametrize(
    ("condition", "written"),
    [
        (f"time >= {LAST_WEEK}", f"(`time` >= {WEEK})"),
        (f"{LAST_WEEK} <= time", f"({WEEK} <= `time`)"),
        (
            "time - 5 < now64()",
            "((`time` - 5) < (toInt64(toUnixTimestamp(toDateTime(now()))) * 1000))",
        ),
        ("time < 5", "(`time` < 5)"),
        ("toDateTime(5) < now()", "(toDateTime(5) < now())"),
    ],
)
def test_moments_become_milliseconds_beside_milliseconds(condition: str, written: str) -> None:
    """So that the SDK's own example means what it says."""
    assert asked("1", rest=f"WHERE {condition}").sql.endswith(f" WHERE {written}")


def test_milliseconds_are_known_through_subqueries() -> None:
    """And as the latest of them."""
    statement = asked(
        "1", "(SELECT max(time) AS last FROM key_verifications_v1)", f"WHERE last < {LAST_WEEK}"
    )
    assert statement.sql.endswith(f"WHERE (`last` < {WEEK})")


def test_a_refusal_says_what_there_is() -> None:
    """Tables, columns, functions."""
    with pytest.raises(NotTaken, match="key_verifications_per_month_v1"):
        asked("1", "verifications")
    with pytest.raises(NotTaken, match=r"no column keyId: those are: .*key_id"):
        asked("keyId")
    with pytest.raises(NotTaken, match=r"function dictGet is not taken: those are: abs, .*uniq"):
        asked("dictGet('a', 'b', 1)")
