"""What an instance has published, as a broker has it."""

import threading
from collections.abc import Sequence

from pkg import uid
from pkg.clock import SystemClock
from pkg.dockertest.kafka import KafkaServer
from pkg.eventstream import Consumer
from pkg.testutil import eventually
from services.api.eventing import VERIFICATIONS
from services.api.events import Verified

_SECONDS = 60.0


def published(kafka: KafkaServer, many: int) -> list[Verified]:
    """The verifications on a broker, each once, when so many are there.

    Raises:
        AssertionError: they are not, after a minute.
    """
    found: dict[str, Verified] = {}

    def take(batch: Sequence[Verified]) -> None:
        found.update((each.id, each) for each in batch)

    clock = SystemClock()
    consumer = Consumer(
        VERIFICATIONS,
        kafka.config,
        group=uid.new("test", clock),
        clock=clock,
        prefix=kafka.prefix,
    )
    thread = threading.Thread(target=consumer.run, args=(take,), daemon=True)
    thread.start()
    try:
        eventually(lambda: len(found) >= many, within=_SECONDS)
    finally:
        consumer.stop()
        thread.join(30)
    return list(found.values())
