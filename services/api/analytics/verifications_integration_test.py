"""Callers' queries on a real ClickHouse: right answers, of one workspace, within bounds."""

# Left out by //tools/lint:statements_test: callers' queries, which the guard writes anew.

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings

from pkg.analytics import Client, Refused, Unavailable
from pkg.clock import SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.testutil import eventually
from services.api.analytics.examples import MINUTE, NEW_YEAR, verified
from services.api.analytics.guard import NotTaken
from services.api.analytics.guard.queries import HOSTILE, HOURS, RAW, TAKEN, made_up
from services.api.analytics.table import VERIFICATIONS, row
from services.api.analytics.verifications import (
    Busy,
    NotUnderstood,
    QueryLimits,
    TooMuch,
    Verifications,
    connected,
)

COUNT = 240
# All that ws_2 has is called so.
SECRET = "hunter2"


@pytest.fixture(scope="module")
def server(dockertest_module: Scope) -> ClickHouseServer:
    """With four hours of ws_1, one of which was inserted twice, and as much of ws_2."""
    made = dockertest_module.start(ClickHouse())
    client = Client(made.url, clock=SystemClock())
    client.create(VERIFICATIONS)
    own = [row(verified(number)) for number in range(COUNT)]
    client.insert(VERIFICATIONS, own)
    client.insert(VERIFICATIONS, own[:60])
    others = [
        row(
            verified(
                number,
                id=f"{SECRET}_{number}",
                workspace_id="ws_2",
                **dict.fromkeys(("request_id", "key_id", "external_id", "outcome"), SECRET),
                **dict.fromkeys(("api_id", "keyspace_id"), SECRET),
                cost=1_000_003,
                tags=(SECRET,),
            )
        )
        for number in range(COUNT)
    ]
    client.insert(VERIFICATIONS, others)
    client.close()
    return made


@pytest.fixture(scope="module")
def verifications(server: ClickHouseServer) -> Iterator[Verifications]:
    client = connected(server.url, clock=SystemClock())
    yield Verifications(client)
    client.close()


def ask(on: Verifications, query: str, **asked: Any) -> list[tuple[Any, ...]]:
    """The rows of a query of ws_1's, without their names."""
    return [tuple(each.values()) for each in on.query(query, "ws_1", **asked)]


def test_a_row_has_the_names_that_were_asked_for(verifications: Verifications) -> None:
    """All columns of a table, as Unkey has them."""
    [found] = verifications.query(f"SELECT * FROM {RAW} WHERE request_id = 'req_7'", "ws_1")
    assert found == {
        "request_id": "req_7",
        "time": NEW_YEAR + 7 * MINUTE,
        "workspace_id": "ws_1",
        "api_id": "api_1",
        "key_space_id": "ks_1",
        "external_id": "user_1",
        "key_id": "key_1",
        "outcome": "VALID",
        "tags": ["path=/ä", "plan=free"],
        "spent_credits": 1,
    }


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        (f"SELECT count(*), sum(spent_credits) FROM {RAW}", [(COUNT, COUNT * 4 // 5)]),
        (
            f"SELECT outcome, COUNT() FROM {RAW} GROUP BY outcome ORDER BY outcome",
            [("RATE_LIMITED", 48), ("VALID", 192)],
        ),
        (
            f"SELECT time, sum(count) FROM {HOURS} GROUP BY time ORDER BY time",
            [(datetime(2026, 1, 1, hour, tzinfo=UTC), 60) for hour in range(4)],
        ),
        (
            "SELECT time, sum(spent_credits) AS n FROM key_verifications_per_day_v1 GROUP BY time",
            [(date(2026, 1, 1), 192)],
        ),
        (
            "SELECT time, sum(count) FROM key_verifications_per_month_v1 GROUP BY time",
            [(date(2026, 1, 1), COUNT)],
        ),
        ("SELECT sum(count), max(count) FROM key_verifications_per_minute_v1", [(COUNT, 1)]),
        (
            f"SELECT arrayJoin(tags) AS tag, count() FROM {RAW} GROUP BY tag ORDER BY tag",
            [("path=/ä", 120), ("plan=free", 120)],
        ),
        (f"SELECT count() FROM {RAW} WHERE time >= {NEW_YEAR + 200 * MINUTE}", [(40,)]),
        (
            f"SELECT count() FROM {RAW} WHERE time "
            "BETWEEN toDateTime('2026-01-01 00:10:00', 'UTC') "
            "AND toDateTime('2026-01-01 00:19:00', 'UTC')",
            [(10,)],
        ),
        (
            f"SELECT sum(count) FROM {HOURS} "
            "WHERE time >= toDateTime('2026-01-01 01:00:00', 'UTC')",
            [(180,)],
        ),
        (f"SELECT count() FROM {RAW} WHERE time >= now() - INTERVAL 100 YEAR", [(COUNT,)]),
        (f"SELECT count() FROM {RAW} t WHERE t.time % 2 = 0 AND t.key_id = 'key_2'", [(80,)]),
        (
            f"SELECT toStartOfHour(fromUnixTimestamp64Milli(time)) AS time, count() FROM {RAW} "
            "WHERE time < toDateTime('2026-01-01 01:00:00', 'UTC') GROUP BY time",
            [(datetime(2026, 1, 1, tzinfo=UTC), 60)],
        ),
        (
            f"WITH keys AS (SELECT key_id, count() AS n FROM {RAW} GROUP BY key_id) "
            "SELECT max(n), uniqExact(key_id) FROM keys",
            [(80, 3)],
        ),
        (
            f"SELECT key_id FROM {RAW} WHERE key_id IN "
            f"(SELECT key_id FROM {RAW} WHERE external_id = '') GROUP BY key_id",
            [("key_0",)],
        ),
        (
            f"SELECT 'it''s', '\\'\\\\\n%', 1.5, NULL, [1, 2], 10 % 3 FROM {RAW} LIMIT 1",
            [("it's", "'\\\n%", 1.5, None, [1, 2], 1)],
        ),
        (f"SELECT trim('  a b '), 'a' || 'b', 7 - 2 - 1 FROM {RAW} LIMIT 1", [("a b", "ab", 4)]),
        (f"SELECT max(spent_credits) AS m FROM {RAW} WHERE spent_credits < 2 HAVING m = 1", [(1,)]),
        (
            f"SELECT n FROM (SELECT count() AS n FROM {RAW} UNION ALL SELECT sum(count) "
            f"FROM {HOURS} UNION ALL SELECT 7 FROM {RAW} WHERE request_id = 'req_1') ORDER BY n",
            [(7,), (COUNT,), (COUNT,)],
        ),
        (
            f"SELECT * FROM (SELECT outcome FROM {RAW} UNION SELECT outcome FROM {HOURS}) "
            "ORDER BY outcome",
            [("RATE_LIMITED",), ("VALID",)],
        ),
        (
            f"SELECT * FROM (SELECT DISTINCT key_id FROM {RAW} EXCEPT "
            f"SELECT key_id FROM {RAW} WHERE external_id = '') ORDER BY key_id",
            [("key_1",), ("key_2",)],
        ),
        (
            f"SELECT count() FROM (SELECT key_id, outcome FROM {RAW} EXCEPT "
            f"SELECT key_id, 'VALID' FROM {HOURS})",
            [(48,)],
        ),
        (
            f"SELECT count() FROM {RAW} WHERE request_id IN (SELECT 'req_1' FROM {RAW} "
            f"UNION ALL SELECT 'req_2' FROM {RAW})",
            [(2,)],
        ),
        (
            f"SELECT a.key_id, b.n, a.n FROM (SELECT key_id, count() AS n FROM {RAW} "
            f"GROUP BY key_id) a JOIN (SELECT key_id, sum(count) AS n FROM {HOURS} "
            "WHERE outcome = 'VALID' GROUP BY key_id) b ON b.key_id = a.key_id ORDER BY a.key_id",
            [("key_0", 64, 80), ("key_1", 64, 80), ("key_2", 64, 80)],
        ),
        (
            f"SELECT key_id, b.spent_credits, a.external_id FROM {RAW} a LEFT JOIN "
            f"(SELECT * FROM {RAW} WHERE external_id = '') AS b USING (request_id, key_id) "
            "WHERE request_id IN ('req_3', 'req_4') ORDER BY key_id",
            [("key_0", 1, ""), ("key_1", 0, "user_1")],
        ),
        (
            f"SELECT count(), uniqExact(c.time) FROM {RAW} a JOIN {RAW} b USING request_id "
            f"JOIN {HOURS} c ON c.time = toStartOfHour(fromUnixTimestamp64Milli(a.time)) "
            "AND b.key_id = c.key_id AND a.outcome = c.outcome AND a.api_id = c.api_id",
            [(COUNT, 4)],
        ),
    ],
)
def test_answers_are_right(
    verifications: Verifications, query: str, rows: list[tuple[Any, ...]]
) -> None:
    """Each verification counts once, though some were inserted twice."""
    assert ask(verifications, query) == rows


@pytest.mark.parametrize("query", TAKEN)
def test_all_that_the_guard_takes_is_understood(verifications: Verifications, query: str) -> None:
    """And tells nothing of another workspace."""
    assert SECRET not in str(verifications.query(query, "ws_1"))


def test_joined_columns_of_one_name_are_told_apart(verifications: Verifications) -> None:
    """By their tables' names; what USING has made one is there once."""
    one, other = (f"(SELECT key_id, time FROM {RAW} WHERE request_id = 'req_1')" for _ in range(2))
    [found] = verifications.query(f"SELECT * FROM {one} a JOIN {other} b USING key_id", "ws_1")
    moment = NEW_YEAR + MINUTE
    assert found == {"key_id": "key_1", "time": moment, "b.time": moment}
    assert list(found) == ["key_id", "time", "b.time"]


def test_apis_part_a_workspace(verifications: Verifications) -> None:
    """A root key sees those that it may read, and nothing where it may read none."""
    for apis, counted in ((["api_0"], 120), (["api_0", "api_1"], 240), (["api_9"], 0)):
        for query in (
            f"SELECT count() FROM {RAW}",
            "SELECT sum(count) FROM key_verifications_per_day_v1",
        ):
            assert ask(verifications, query, apis=apis) == [(counted,)]


ESCAPES = (
    f"SELECT count() FROM {RAW} WHERE workspace_id = 'ws_2' OR 1 = 1",
    f"SELECT count() FROM {RAW} WHERE workspace_id != 'ws_1'",
    f"SELECT count() FROM {RAW} WHERE 1 OR 1 = 1 OR key_id = ''' OR 1=1 --'",
    f"SELECT max(spent_credits), groupUniqArray(key_id) FROM {RAW}",
    f"SELECT 'ws_2' AS workspace, '%(workspace)s' AS p1 FROM {RAW} WHERE spent_credits > 1",
    f"SELECT api_id FROM (SELECT *, 'ws_2' AS workspace FROM {RAW}) WHERE workspace = 'ws_2'",
    f"SELECT '\\\\'' OR 1 = 1' FROM {RAW} LIMIT 1",
    f"SELECT '{SECRET[:3]}' AS keyspace_id, max(key_space_id) FROM {RAW} GROUP BY keyspace_id",
    f"SELECT key_id FROM {RAW} AS workspace_id WHERE workspace_id.workspace_id != 'ws_1'",
    f"SELECT key_id FROM {RAW} UNION ALL SELECT key_id FROM {RAW} WHERE workspace_id != 'ws_1'",
    f"SELECT key_id FROM {RAW} EXCEPT SELECT '{SECRET[:3]}' FROM {RAW}",
    f"SELECT DISTINCT b.key_id FROM {RAW} workspace_id JOIN {RAW} b "
    "ON workspace_id.workspace_id = b.workspace_id",
    f"SELECT b.key_id FROM (SELECT 'ws_2' AS x FROM {RAW}) a "
    f"LEFT JOIN {RAW} b ON a.x = b.workspace_id",
    f"SELECT count() FROM {RAW} a JOIN {RAW} b ON a.spent_credits = b.spent_credits "
    "WHERE a.workspace_id != b.workspace_id",
)


@pytest.mark.parametrize("query", [*ESCAPES, *(query for query, _ in HOSTILE)])
def test_nobody_gets_out(verifications: Verifications, query: str) -> None:
    """Refused, or answered with one's own."""
    with suppress(NotTaken, NotUnderstood):
        rows = verifications.query(query, "ws_1")
        assert SECRET not in str(rows)
        assert "1000003" not in str(rows)
        counts = [value for each in rows for value in each.values() if isinstance(value, int)]
        assert all(count <= COUNT or count >= NEW_YEAR for count in counts)


@pytest.mark.parametrize(
    "found",
    [
        f"(SELECT count() FROM {RAW}) != {COUNT}",
        f"(SELECT uniqExact(key_id) FROM {RAW}) > 3",
        f"'{SECRET}' IN (SELECT key_id FROM {RAW})",
        f"(SELECT max(outcome = '{SECRET}') FROM {RAW}) = 1",
        f"arrayExists(workspace -> '{SECRET}' IN (SELECT key_id FROM {RAW}), ['ws_2'])",
    ],
)
def test_subqueries_see_no_more(verifications: Verifications, found: str) -> None:
    """Whatever stands around them."""
    for items in ("1", "'ws_2' AS workspace, 'x' AS keyspace_id, 'y' AS verifications_v1, 1"):
        assert verifications.query(f"SELECT {items} FROM {RAW} WHERE {found}", "ws_1") == []


@settings(derandomize=True, database=None, deadline=None, max_examples=200)
@given(query=made_up())
def test_nobody_gets_out_by_chance(verifications: Verifications, query: str) -> None:
    """Whatever ClickHouse makes of it: it is answered, or refused in a way that is foreseen."""
    with suppress(NotTaken, NotUnderstood, TooMuch):
        told = str(verifications.query(query, "ws_1"))
        assert SECRET not in told
        assert "1000003" not in told


# 240 to the power of 8 rows.
ENDLESS = [f"arrayJoin(arrayMap(x -> x + {n}, groupArray(time)))" for n in range(8)]


@pytest.mark.parametrize(
    ("limits", "query"),
    [
        (QueryLimits(rows=10), f"SELECT * FROM {RAW}"),
        (QueryLimits(bytes=1000), f"SELECT * FROM {RAW}"),
        (QueryLimits(memory=1 << 20), f"SELECT groupArray(tags) FROM {RAW}"),
        (
            QueryLimits(seconds=1),
            f"SELECT count() FROM (SELECT {', '.join(ENDLESS)} FROM {RAW})",
        ),
    ],
    ids=["rows", "bytes", "memory", "seconds"],
)
def test_what_takes_too_much_is_stopped(
    server: ClickHouseServer, limits: QueryLimits, query: str
) -> None:
    """And told with ClickHouse's words; the next query is answered."""
    # More patient than `connected`, so that it is ClickHouse that stops it, also if it is slow.
    client = Client(server.url, clock=SystemClock(), deadline=60, settings=limits.settings)
    with pytest.raises(TooMuch, match=r"\(code \d+\)"):
        Verifications(client).query(query, "ws_1")
    assert client.execute("SELECT 1") == [(1,)]
    client.close()


def test_its_connection_changes_nothing(server: ClickHouseServer) -> None:
    """Were the guard to fail, ClickHouse itself would refuse."""
    client = connected(server.url, clock=SystemClock())
    for statement in (
        "DROP TABLE verifications_v1",
        "INSERT INTO verifications_v1 SELECT * FROM verifications_v1",
        "CREATE TABLE other (a UInt8) ENGINE = Memory",
        "SET readonly = 0",
    ):
        with pytest.raises(Refused) as refused:
            client.execute(statement)
        assert refused.value.code == 164
    client.close()


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT key_id + 1 FROM {RAW}",
        f"SELECT key_id, count() FROM {RAW}",
        f"SELECT toDate() FROM {RAW}",
        f"SELECT count(count()) FROM {RAW}",
        f"SELECT length(key_id) AS n, max(n) AS n FROM {RAW}",
    ],
)
def test_what_clickhouse_does_not_take_is_told(verifications: Verifications, query: str) -> None:
    """In its words, without its stack trace."""
    with pytest.raises(NotUnderstood, match=r"\(code \d+\)$") as refused:
        verifications.query(query, "ws_1")
    assert "Stack trace" not in str(refused.value)


def test_a_time_zone_that_clickhouse_alone_knows_is_told(verifications: Verifications) -> None:
    """The next query is answered; so are times of the zones that all know."""
    for zone in ("posix/UTC", "localtime"):
        with pytest.raises(NotUnderstood, match="of a zone that is not known"):
            verifications.query(f"SELECT toDateTime(1, '{zone}') FROM {RAW}", "ws_1")
    query = f"SELECT toString(toDateTime(1, 'posix/UTC')), toDateTime(1, 'Europe/Rome') FROM {RAW}"
    [(text, moment)] = ask(verifications, f"{query} LIMIT 1")
    assert (text, moment.timestamp()) == ("1970-01-01 00:00:01", 1)


def test_a_table_that_is_not_there_is_not_the_callers_fault(dockertest: Scope) -> None:
    """The consumer makes it."""
    client = connected(dockertest.start(ClickHouse()).url, clock=SystemClock())
    with pytest.raises(Refused) as refused:
        Verifications(client).query(f"SELECT 1 FROM {RAW}", "ws_1")
    assert refused.value.code == 60


def test_a_server_that_is_away_is_told_and_comes_back(dockertest: Scope) -> None:
    """And while it hangs, it takes no more than two threads."""
    server = dockertest.start(ClickHouse())
    client = connected(server.url, clock=SystemClock(), limits=QueryLimits(seconds=1))
    Client(server.url, clock=SystemClock()).create(VERIFICATIONS)
    on = Verifications(client)
    query = f"SELECT count() FROM {RAW}"
    assert ask(on, query) == [(0,)]
    server.container.pause()
    ended: list[type[Exception]] = []

    def asking() -> None:
        try:
            on.query(query, "ws_1")
        except Exception as error:
            ended.append(type(error))

    threads = [threading.Thread(target=asking, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(each.__name__ for each in ended) == [
        Busy.__name__,
        Unavailable.__name__,
        Unavailable.__name__,
    ]
    server.container.resume()
    eventually(lambda: ask(on, query) == [(0,)], within=30)
