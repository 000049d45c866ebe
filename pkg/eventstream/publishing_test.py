"""Services that are killed while they publish, again and again: the broker gets it all."""

import json
import os
from pathlib import Path

import pytest

from pkg.dockertest import Scope
from pkg.dockertest.kafka import Kafka
from pkg.eventstream.orders import on_broker, producer
from pkg.testutil import eventually, processes

RUNS = int(os.environ.get("KILLS", "6"))
PUBLISHING = """
import itertools, json, os, sys
from pathlib import Path
from pkg.clock import SystemClock
from pkg.eventstream import Limits, Producer
from pkg.eventstream.orders import ORDERS, order

limits = Limits(bytes=64 << 20, segment_bytes=64 << 10, event_bytes=50_000)
mine = Producer(Path(sys.argv[1]), json.loads(sys.argv[2]), clock=SystemClock(), limits=limits)
for number in itertools.count():
    one = order(number, sys.argv[3])
    mine.publish(ORDERS, one)
    os.write(1, one.id.encode() + b"\\n")
"""


@pytest.mark.parametrize("broker", ["there", "hanging at times"])
def test_nothing_that_was_published_is_lost(dockertest: Scope, tmp_path: Path, broker: str) -> None:
    """Killed at whatever point of the way: in the buffer, under way, sent and not acknowledged."""
    kafka = dockertest.start(Kafka(topics={"orders": 3}))
    published: set[str] = set()
    for run in range(RUNS):
        if broker != "there" and run % 2:
            kafka.container.pause()
        with processes.python(
            PUBLISHING, str(tmp_path), json.dumps(kafka.config), f"run{run}"
        ) as process:
            # From the first event to some that are long acknowledged.
            for _ in range(1 + 400 * run):
                published.add(processes.line(process))
        if broker != "there" and run % 2:
            kafka.container.resume()
    with producer(kafka, tmp_path) as last:
        eventually(lambda: len(list(tmp_path.iterdir())) == 1, within=30)
        assert last.close(60)
        assert last.stats.damaged == 0
    on_broker(kafka, published)
