"""What a query becomes is understood by a current ClickHouse, too."""

# Left out by //tools/lint:statements_test: callers' queries, which the guard writes anew.
from collections.abc import Iterator

import pytest
from clickhouse_driver.util.escape import escape_params

from pkg.testutil.current_clickhouse import CurrentClickHouse, Refused, current_clickhouse
from services.api.analytics.guard import guarded
from services.api.analytics.guard.queries import HOURS, RAW, TAKEN
from services.api.analytics.table import VERIFICATIONS


@pytest.fixture(scope="module")
def clickhouse() -> Iterator[CurrentClickHouse]:
    """One that has the table, and a verification of another workspace."""
    with current_clickhouse() as made:
        made.query("CREATE DATABASE current")
        made.query("USE current")
        made.query(VERIFICATIONS.definition())
        made.query(
            f"{VERIFICATIONS.insertion()} "
            "('ver_1', 1767225600000, 'req_1', 'ws_2', 'api', 'ks', 'key_1', '', 'VALID', 1, [])"
        )
        yield made


def ask(clickhouse: CurrentClickHouse, query: str) -> str:
    """What ws_1 is answered."""
    statement = guarded(query, "ws_1")
    return clickhouse.query(statement.sql % escape_params(statement.parameters, None))


@pytest.mark.parametrize("query", TAKEN)
def test_it_is_understood(clickhouse: CurrentClickHouse, query: str) -> None:
    """And tells nothing of another workspace's."""
    answer = ask(clickhouse, query)
    assert "req_1" not in answer
    assert "key_1" not in answer


def test_bounds_of_the_time_spare_the_rest(clickhouse: CurrentClickHouse) -> None:
    """Of a table that is larger than a query may read, an hour can be asked for."""
    clickhouse.query(
        f"{VERIFICATIONS.insertion().removesuffix('VALUES')} "
        "SELECT concat('ver_', toString(number)), 1767225600000 - number * 10000, 'req', 'ws_1', "
        "'api', 'ks', 'key', '', 'VALID', 1, [] FROM numbers(50000)"
    )
    clickhouse.query("SET max_rows_to_read = 20000")
    with pytest.raises(Refused) as refused:
        ask(clickhouse, f"SELECT count() FROM {RAW}")
    assert refused.value.code == 158
    hour = "toDateTime('2025-12-31 23:00:00', 'UTC')"
    assert ask(clickhouse, f"SELECT count() FROM {RAW} WHERE time > {hour}") == "360\n"
    counted = f"SELECT sum(count) FROM {HOURS} WHERE time >= {hour}"
    assert ask(clickhouse, counted) == "361\n"
