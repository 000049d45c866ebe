"""From Kafka to ClickHouse, whoever of the two is away."""

from collections.abc import Mapping
from typing import Any

from pkg.analytics import Client, Sink, Unavailable
from pkg.clock import Clock
from pkg.eventstream import Consumer
from pkg.logs import Log
from services.api.analytics.table import VERIFICATIONS as TABLE
from services.api.analytics.table import row
from services.api.eventing import VERIFICATIONS as TOPIC
from services.api.events import Verified

GROUP = "analytics"
# So long a stop waits for a ClickHouse that hangs, or half as long again.
_DEADLINE_SECONDS = 4.0
_PAUSE_SECONDS = 1.0
# ClickHouse makes a part of each insert, so those are few: a second's verifications, or so many.
_BATCH = 10_000
_WAIT_SECONDS = 1.0
_CONFIG: Mapping[str, Any] = {
    # A member that was killed is missed so soon: then the others, or the next one, go on.
    "session.timeout.ms": 10_000,
    # A topic that was made after the start is noticed so soon.
    "topic.metadata.refresh.interval.ms": 10_000,
}
_log = Log(__name__)


class Relay:
    """Writes verifications from their topic to their table, each of which counts once there.

    While ClickHouse or Kafka is away it waits, and catches up then; pkg.analytics and
    pkg.eventstream log when that begins and ends.

    Args:
        kafka: for confluent-kafka.
        prefix: before the names of the topic and the group.
        clickhouse_url: as `pkg.analytics.Client` takes it.

    Raises:
        ValueError: a config is none.
    """

    def __init__(
        self, kafka: Mapping[str, Any], *, prefix: str, clickhouse_url: str, clock: Clock
    ) -> None:
        self._stop = clock.event()
        self._client = Client(clickhouse_url, clock=clock, deadline=_DEADLINE_SECONDS)
        consumer: Consumer[Verified] = Consumer(
            TOPIC,
            {**_CONFIG, **kafka},
            group=GROUP,
            clock=clock,
            prefix=prefix,
            batch=_BATCH,
            wait=_WAIT_SECONDS,
        )
        self._sink = Sink(consumer, self._client, TABLE, row=row)
        self._names = {"topic": f"{prefix}{TOPIC.name}", "group": f"{prefix}{GROUP}"}

    def run(self) -> None:
        """Makes the table unless it is there, and writes until `stop`. Once only.

        Raises:
            pkg.analytics.WrongTable: there is another one of that name.
            pkg.analytics.Refused: ClickHouse does not let it make the table.
            pkg.eventstream.ConsumerFailed: the group will never have this member again.
        """
        _log.info("starting", **self._names, table=TABLE.name)
        self._prepare()
        if not self._stop.is_set():
            _log.info("consuming", **self._names, table=TABLE.name)
        try:
            self._sink.run()
        finally:
            self._client.close()
            _log.info("stopped", inserted=self._sink.inserted, bad=self._sink.bad)

    def stop(self) -> None:
        """Lets `run` return once the batch that is being written is done. From any thread."""
        self._stop.set()
        self._sink.stop()

    def _prepare(self) -> None:
        while not self._stop.is_set():
            try:
                return self._client.create(TABLE)
            except Unavailable:  # the client has logged it
                self._stop.wait(_PAUSE_SECONDS)
