"""A broker that is away for long: ten seconds here, a minute in the manual target."""

import os
from pathlib import Path

from pkg.clock import SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.kafka import Kafka
from pkg.eventstream.orders import ORDERS, on_broker, order, producer
from pkg.testutil import eventually

SECONDS = float(os.environ.get("OUTAGE_SECONDS", "10"))


def test_an_outage_loses_nothing(dockertest: Scope, tmp_path: Path) -> None:
    """Events are published all the while, and none is turned away."""
    kafka = dockertest.start(Kafka(topics={"orders": 3}))
    clock = SystemClock()
    number = 0
    with producer(kafka, tmp_path) as mine:
        mine.publish(ORDERS, order(number))
        eventually(lambda: mine.stats.sent == 1)
        kafka.container.kill()
        until = clock.monotonic() + SECONDS
        while clock.monotonic() < until:
            for _ in range(20):
                number += 1
                mine.publish(ORDERS, order(number))
            clock.sleep(0.01)
        waiting = mine.stats
        assert waiting.sent == 1
        assert waiting.oldest_seconds > SECONDS - 2
        kafka.container.restart()
        eventually(lambda: mine.stats.sent == mine.stats.published, within=60)
        assert mine.stats.turned_away == 0
    on_broker(kafka, (order(one).id for one in range(number + 1)))
