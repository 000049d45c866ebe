"""From a topic of events to a table of rows."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from pkg.analytics.client import Client
from pkg.analytics.errors import BadRows
from pkg.analytics.table import Table
from pkg.eventstream import Consumer, Identified

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BadRow[R: msgspec.Struct]:
    """A row that does not fit its table.

    Attributes:
        row: as it was to be inserted.
        reason: what is wrong with it.
    """

    row: R
    reason: str


class Sink[E: Identified, R: msgspec.Struct]:
    """Inserts a consumer's events into a table: each one counts once, and none is lost.

    While ClickHouse is away or refuses, events wait on the broker. A batch comes again if
    it is not known whether it was inserted: the table counts its events once.

    Args:
        consumer: of the events; the sink runs it.
        client: of the database.
        table: made before, by `Client.create`.
        row: what is inserted for an event; the same for the same event, whenever it is asked.
        on_bad: gets rows that do not fit the table; they are logged in any case, but for their
            values. Where it raises, the batch comes again; so does one of which nothing fits.
    """

    def __init__(
        self,
        consumer: Consumer[E],
        client: Client,
        table: Table[R],
        *,
        row: Callable[[E], R],
        on_bad: Callable[[BadRow[R]], None] | None = None,
    ) -> None:
        self._consumer = consumer
        self._client = client
        self._table = table
        self._row = row
        self._on_bad = on_bad or (lambda _: None)
        self._inserted = self._bad = 0

    @property
    def inserted(self) -> int:
        """Rows that ClickHouse has taken; those that came twice, twice."""
        return self._inserted

    @property
    def bad(self) -> int:
        """Rows that did not fit the table."""
        return self._bad

    def run(self) -> None:
        """Inserts until `stop`.

        Raises:
            Closed: it has run before.
            ConsumerFailed: the group will never have this member again.
        """
        self._consumer.run(self._handle)

    def stop(self) -> None:
        """Lets `run` return once the batch that is being inserted is done. From any thread."""
        self._consumer.stop()

    def _handle(self, events: Sequence[E]) -> None:
        rows = [self._row(event) for event in events]
        bad = self._insert(rows)
        if len(bad) == len(rows) > 1:
            # Then it is the table: whoever mends it loses nothing.
            raise BadRows(f"not one of {len(rows)} rows fits {self._table.name}: {bad[0].reason}")
        for one in bad:
            self._on_bad(one)
            _log.error("%s", one.reason)
        self._bad += len(bad)

    def _insert(self, rows: Sequence[R]) -> list[BadRow[R]]:
        """Inserts what fits, by halves where something does not; returns what does not."""
        try:
            self._client.insert(self._table, rows)
        except BadRows as error:
            if len(rows) == 1:
                return [BadRow(rows[0], str(error))]
            half = len(rows) // 2
            return self._insert(rows[:half]) + self._insert(rows[half:])
        self._inserted += len(rows)
        return []
