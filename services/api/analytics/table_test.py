"""The table is the same on a current ClickHouse, and has what an event has."""

import msgspec

from pkg.testutil.current_clickhouse import current_clickhouse
from services.api.analytics.examples import verified
from services.api.analytics.table import VERIFICATIONS, row


def test_a_row_has_all_of_its_event() -> None:
    """Each value once; the same for the same event."""
    event = verified(7, cost=3)
    made = row(event)
    assert made == row(event)
    *values, tags = msgspec.structs.astuple(event)
    assert msgspec.structs.astuple(made) == (*values, list(tags))


def test_it_is_made_on_a_current_clickhouse_as_on_an_old_one() -> None:
    """And sorted by workspace and time, so that one workspace's hour is read and no more."""
    with current_clickhouse() as clickhouse:
        clickhouse.query("CREATE DATABASE current")
        clickhouse.query("USE current")
        clickhouse.query(VERIFICATIONS.definition())
        types = clickhouse.query("DESCRIBE TABLE verifications_v1")
        found = dict(line.split("\t")[:2] for line in types.splitlines())
    assert found == VERIFICATIONS.columns
    assert VERIFICATIONS.sorting == ("workspace_id", "at", "id")
