"""The table that a client makes works on a current ClickHouse, and events count once there."""

import msgspec

from pkg.analytics import Table
from pkg.testutil.current_clickhouse import current_clickhouse


class Visit(msgspec.Struct):
    id: str
    page: str
    at: int
    cost: float = 0.0
    note: str | None = None
    tags: list[str] = []


VISITS = Table(
    "visits", Visit, order=("page", "at"), partition="toYYYYMM(toDateTime(intDiv(at, 1000), 'UTC'))"
)


def test_events_count_once_on_a_current_one() -> None:
    """Made, filled three times, and read as `once` says."""
    rows = ", ".join(
        f"('v_{n}', '/{n % 3}', {n * 86_400_000}, 0.5, NULL, ['a'])" for n in range(90)
    )
    with current_clickhouse() as clickhouse:
        clickhouse.query("CREATE DATABASE current")
        clickhouse.query("USE current")
        clickhouse.query(VISITS.definition())
        clickhouse.query(VISITS.definition())
        for _ in range(3):
            clickhouse.query(f"{VISITS.insertion()} {rows}")
        counted = f"SELECT page, count() FROM {VISITS.once} GROUP BY page ORDER BY page"
        assert clickhouse.query(counted) == "/0\t30\n/1\t30\n/2\t30\n"
        made = clickhouse.query(
            "SELECT engine, sorting_key FROM system.tables WHERE name = 'visits'"
        )
        assert made == "ReplacingMergeTree\tpage, at, id\n"
        types = clickhouse.query("SELECT name, type FROM system.columns WHERE table = 'visits'")
        assert dict(line.split("\t") for line in types.splitlines()) == VISITS.columns
