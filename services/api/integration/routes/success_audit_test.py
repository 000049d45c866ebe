"""No change is stored without its audit row: whichever request makes it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from services.api.integration.routes.cases import CHANGING, Case
from services.api.integration.routes.room import Room
from services.api.store.tables import METADATA, changes
from services.api.testutil.analytics import AnalyticsHarness


def stored(h: AnalyticsHarness) -> dict[str, set[str]]:
    """All that is stored but the audit's rows, by table."""
    with h.db.read() as connection:
        return {
            table.name: set(map(str, connection.execute(table.select())))
            for table in METADATA.sorted_tables
            if table is not changes
        }


@contextmanager
def without_audit(h: AnalyticsHarness) -> Iterator[None]:
    """No audit row can be written until the block ends."""
    with closing(h.mysql.client()) as client, client.cursor() as cursor:
        cursor.execute("RENAME TABLE changes TO away")
        try:
            yield
        finally:
            cursor.execute("RENAME TABLE away TO changes")


@pytest.mark.parametrize("case", CHANGING, ids=str)
def test_what_cannot_be_noted_is_not_done(h: AnalyticsHarness, room: Room, case: Case) -> None:
    """Nor any part of it; with its row it is, by the same request."""
    key, body = room.root_key(), case.body(room)
    before = stored(h)
    with without_audit(h):
        assert h.call(case.route, body, key).status == 500
        assert stored(h) == before
    done = h.call(case.route, body, key)
    assert done.status == 200
    assert stored(h) != before
    [row] = h.changes(room.id)
    assert row.request_id == done.headers["x-request-id"]
