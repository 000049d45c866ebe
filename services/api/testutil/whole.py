"""The harness with nothing that stands in for anything: the vault on S3, events on Kafka, and the
consumer that takes them to ClickHouse."""

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pkg.clock import SystemClock
from pkg.dockertest.kafka import Kafka
from pkg.dockertest.s3 import S3
from pkg.eventstream import Producer
from pkg.testutil.harness import needs
from services.api.consumer.relay import Relay
from services.api.eventing import VERIFICATIONS, Stream
from services.api.events import Events, Verified
from services.api.rpc.recovery import Vault
from services.api.testutil.analytics import AnalyticsHarness
from services.api.testutil.topic import arriving
from services.vault.client import VaultClient
from services.vault.testutil.instances import BUCKET, instance
from services.vault.testutil.service import TOKEN, serving

_LEAVE_SECONDS = 30.0


class WholeApiHarness(AnalyticsHarness):
    """An instance that serves, on real servers alone.

    What it has published is in `events` once it has arrived on the broker and come back, and is
    told by analytics.getVerifications once a consumer has written it: tests wait for either with
    `eventually`.
    """

    kafka = needs(Kafka(topics={VERIFICATIONS.name: 3}))
    s3 = needs(S3(buckets=[BUCKET]))

    def open_vault(self) -> Vault:
        """A client of a vault that serves."""
        vault = instance(self.s3, clock=self.clock)
        return self.enter(VaultClient(self.enter(serving(vault)).url, TOKEN))

    def open_events(self) -> Events:
        """What publishes on the broker."""
        folder = Path(self.enter(tempfile.TemporaryDirectory()))
        # By the test's clock, what waits for the broker would wait until the test moves it.
        config, prefix, clock = self.kafka.config, self.kafka.prefix, SystemClock()
        self.enter(arriving(self.kafka, self._take))
        return Stream(self.enter(Producer(folder, config, clock=clock, prefix=prefix)))

    @contextmanager
    def consuming(self) -> Iterator[None]:
        """Runs the consumer until the block ends: a further one goes on where it has stopped."""
        relay = Relay(
            self.kafka.config,
            prefix=self.kafka.prefix,
            clickhouse_url=self.clickhouse.url,
            clock=SystemClock(),
        )
        thread = threading.Thread(target=relay.run, name="consumer", daemon=True)
        thread.start()
        try:
            yield
        finally:
            relay.stop()
            thread.join(_LEAVE_SECONDS)

    def _take(self, batch: Sequence[Verified]) -> None:
        # What is delivered at least once may come twice.
        known = {each.id for each in self.events}
        self.events.extend(each for each in batch if each.id not in known)
