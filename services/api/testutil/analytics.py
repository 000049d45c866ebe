"""The harness of an instance that answers questions about verifications, on ClickHouse."""

from contextlib import closing

from pkg.analytics import Client
from pkg.clock import SystemClock
from pkg.dockertest.clickhouse import ClickHouse
from pkg.testutil.harness import needs
from services.api.analytics.table import VERIFICATIONS, row
from services.api.analytics.verifications import Verifications, connected
from services.api.events import Verified
from services.api.testutil.harness import ApiHarness
from services.api.testutil.seeds import SeededKey


class AnalyticsHarness(ApiHarness):
    """An instance that serves, with ClickHouse."""

    clickhouse = needs(ClickHouse())

    def verifications(self) -> Verifications:
        """Answers from the table that this makes."""
        url, clock = self.clickhouse.url, SystemClock()
        self._writer = self.enter(closing(Client(url, clock=clock)))
        self._writer.create(VERIFICATIONS)
        return Verifications(self.enter(closing(connected(url, clock=clock))))

    def consume(self) -> None:
        """Writes all events that were published, as the consumer would; again and again alike."""
        self._writer.insert(VERIFICATIONS, [row(event) for event in self.events])

    def create_verification(self, key: SeededKey, *, outcome: str = "VALID") -> Verified:
        """A verification of a key, as the consumer has written it; nothing was spent."""
        made = Verified(
            id=self.new_id("ver"),
            time=int(self.clock.now().timestamp() * 1000),
            request_id=self.new_id("req"),
            workspace_id=key.key.workspace_id,
            api_id=key.key.api_id,
            keyspace_id=key.key.keyspace_id,
            key_id=key.id,
            external_id=key.key.identity.external_id if key.key.identity else "",
            outcome=outcome,
            cost=0,
            tags=(),
        )
        self._writer.insert(VERIFICATIONS, [row(made)])
        return made
