"""A broker that hangs costs a process nothing but the room for its events."""

import time
from pathlib import Path

from pkg.clock import SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.kafka import Kafka
from pkg.eventstream.orders import ORDERS, on_broker, order, producer
from pkg.testutil import eventually

_SECONDS = 3.0


def test_the_processor_is_left_to_others(dockertest: Scope, tmp_path: Path) -> None:
    """With batches under way, and more behind them: nobody asks all the time how they are."""
    kafka = dockertest.start(Kafka(topics={"orders": 3}))
    clock = SystemClock()
    number = 0
    with producer(kafka, tmp_path) as mine:
        mine.publish(ORDERS, order(number))
        eventually(lambda: mine.stats.sent == 1)
        kafka.container.pause()
        for _ in range(40):
            for _ in range(50):
                number += 1
                mine.publish(ORDERS, order(number))
            clock.sleep(0.02)
        before = time.process_time()
        clock.sleep(_SECONDS)
        assert time.process_time() - before < _SECONDS / 20
        kafka.container.resume()
        eventually(lambda: mine.stats.sent == mine.stats.published, within=60)
    on_broker(kafka, (order(one).id for one in range(number + 1)))
