"""From the publisher to a query: no event is lost, none counts twice, whoever is away or killed."""

import json
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pkg.analytics import BadRow, Client, Sink, Table
from pkg.clock import SystemClock
from pkg.dockertest import Scope
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.eventstream import Producer
from pkg.eventstream.orders import ORDERS, Order, consumer, order, producer
from pkg.testutil import eventually, processes

# As a text, so that a house rule tries it on a current ClickHouse, and the queries below.
DEFINITION = (
    "CREATE TABLE IF NOT EXISTS orders (id String, number Int64, filling String) "
    "ENGINE = ReplacingMergeTree() ORDER BY (number, id)"
)
TABLE = Table("orders", Order, order=("number",))
SINKING = """
import json, sys
from pkg.analytics import Client, Sink, Table
from pkg.clock import SystemClock
from pkg.eventstream import Consumer
from pkg.eventstream.orders import ORDERS, Order

clock = SystemClock()
client = Client(sys.argv[2], clock=clock)
config = json.loads(sys.argv[1])
members = Consumer(ORDERS, config, group="shipping", clock=clock, batch=100)

class Telling(Client):
    def insert(self, table, rows):
        super().insert(table, rows)
        print(len(rows), flush=True)  # inserted, and nobody knows yet

Sink(members, Telling(sys.argv[2], clock=clock), Table("orders", Order, order=("number",)),
     row=lambda one: one).run()
"""


class Ground:
    """A broker, a database, and what is between them."""

    def __init__(self, scope: Scope, folder: Path) -> None:
        self.kafka: KafkaServer
        self.clickhouse: ClickHouseServer
        self.kafka, self.clickhouse = scope.start(Kafka(topics={"orders": 4}), ClickHouse())
        self.folder = folder
        self.client = Client(self.clickhouse.url, clock=SystemClock(), deadline=30)
        self.client.create(TABLE)
        # So that it is the consumer that waits, and not a call.
        self.impatient = Client(self.clickhouse.url, clock=SystemClock(), deadline=1)

    def producer(self) -> Producer:
        return producer(self.kafka, self.folder)

    @contextmanager
    def sink(self, **options: Any) -> Iterator[Sink[Order, Order]]:
        """One that runs for as long as the block."""
        known: dict[str, Any] = {"row": lambda one: one}
        one = Sink(consumer(self.kafka), self.impatient, TABLE, **{**known, **options})
        thread = threading.Thread(target=one.run, daemon=True)
        thread.start()
        try:
            yield one
        finally:
            one.stop()
            thread.join(30)
            assert not thread.is_alive()

    def numbers(self) -> list[int]:
        """As a query sees them."""
        found = self.client.execute("SELECT number FROM orders FINAL ORDER BY number")
        return [int(number) for (number,) in found]

    def counts(self, total: int) -> None:
        """Each event is there, and once; also if the sinks go on for a while."""

        def all_are_there() -> None:
            assert len(set(self.numbers())) == total

        eventually(all_are_there, within=60, every=0.2)
        assert self.numbers() == list(range(total))


@pytest.fixture
def ground(dockertest: Scope, tmp_path: Path) -> Ground:
    return Ground(dockertest, tmp_path)


def publish(mine: Producer, numbers: range) -> None:
    for number in numbers:
        mine.publish(ORDERS, order(number))


def test_the_table_is_the_one_that_is_tried_on_a_current_clickhouse() -> None:
    """Word for word."""
    assert (TABLE.definition(), TABLE.once) == (DEFINITION, "orders FINAL")


def test_events_arrive_and_count_once(ground: Ground) -> None:
    """From two publishers through two sinks."""
    with ground.producer() as one, ground.producer() as other, ground.sink(), ground.sink():
        publish(one, range(3000))
        publish(other, range(3000, 6000))
        ground.counts(6000)


def test_a_batch_that_comes_twice_counts_once(ground: Ground) -> None:
    """A second group of consumers inserts all of it again; and overlapping parts."""
    with ground.producer() as mine:
        publish(mine, range(1000))
    with ground.sink():
        ground.counts(1000)
    again = consumer(ground.kafka, group="again", batch=77)
    second = Sink(again, ground.client, TABLE, row=lambda one: one)
    thread = threading.Thread(target=second.run, daemon=True)
    thread.start()
    eventually(lambda: second.inserted == 1000, within=30)
    second.stop()
    thread.join(30)
    ground.counts(1000)


@pytest.mark.parametrize("fault", ["killed", "paused"])
def test_a_database_that_is_away_is_caught_up_with(ground: Ground, fault: str) -> None:
    """Events wait while inserts fail, again and again; then all are there, without a restart."""
    at = ground.clickhouse.container
    with ground.producer() as mine, ground.sink() as sink:
        publish(mine, range(500))
        ground.counts(500)
        at.kill() if fault == "killed" else at.pause()
        publish(mine, range(500, 1000))
        eventually(lambda: sink._consumer.stats.failed >= 2, within=30)
        at.restart() if fault == "killed" else at.resume()
        publish(mine, range(1000, 1500))
        ground.counts(1500)
        assert sink.bad == 0


def test_a_sink_killed_before_the_broker_knows_costs_nothing(ground: Ground) -> None:
    """Between the insert and its being noted, again and again: none lost, none double."""
    config = json.dumps({**ground.kafka.config, "session.timeout.ms": 6000})
    with ground.producer() as mine:
        publish(mine, range(2000))
    inserted = 0
    for _ in range(3):
        with processes.python(SINKING, config, ground.clickhouse.url) as process:
            inserted += int(processes.line(process))
            process.send_signal(signal.SIGKILL)
    with ground.sink() as sink:
        ground.counts(2000)
        # Else no batch came twice, and the test says nothing.
        eventually(lambda: inserted + sink.inserted > 2000, within=30)


def test_a_row_that_does_not_fit_is_set_aside(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    """The others of its batch are inserted; it is handed over, and logged without its values."""
    bad: list[BadRow[Order]] = []

    def row(event: Order) -> Order:
        # What JSON may hold and a column may not.
        return (
            msgspec.structs.replace(event, filling="hunter2\ud800") if event.number == 70 else event
        )

    with ground.producer() as mine:
        publish(mine, range(200))
    with ground.sink(row=row, on_bad=bad.append) as sink:
        eventually(lambda: sink.bad == 1, within=30)
        expected = [number for number in range(200) if number != 70]
        eventually(lambda: ground.numbers() == expected, within=30)
    assert [one.row.number for one in bad] == [70]
    assert "a row does not fit" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_batch_of_which_nothing_fits_waits(ground: Ground) -> None:
    """Then it is the table: no event is given up; once it is mended, all are inserted."""
    is_mended = threading.Event()
    bad: list[BadRow[Order]] = []

    def row(event: Order) -> Any:
        return event if is_mended.is_set() else msgspec.structs.replace(event, filling=None)

    with ground.producer() as mine:
        publish(mine, range(100))
    with ground.sink(row=row, on_bad=bad.append) as sink:
        eventually(lambda: sink._consumer.stats.failed, within=30)
        is_mended.set()
        ground.counts(100)
    assert bad == []


def test_a_table_that_is_not_there_is_waited_for(ground: Ground) -> None:
    """A refusal gives up no event."""
    ground.client.execute("DROP TABLE orders")
    with ground.producer() as mine:
        publish(mine, range(100))
    with ground.sink() as sink:
        eventually(lambda: sink._consumer.stats.failed, within=30)
        ground.client.create(TABLE)
        ground.counts(100)


def test_broker_and_database_may_go_in_turn(ground: Ground) -> None:
    """While events are published all the time."""
    done = threading.Event()
    published = 0

    def publishing(mine: Producer) -> None:
        nonlocal published
        while not done.wait(0.002):
            mine.publish(ORDERS, order(published))
            published += 1

    with ground.producer() as mine, ground.sink():
        thread = threading.Thread(target=publishing, args=(mine,), daemon=True)
        thread.start()
        eventually(lambda: ground.numbers(), within=30)
        servers: Sequence[Any] = (ground.kafka, ground.clickhouse)
        for server in servers:
            server.container.kill()
            SystemClock().sleep(1)
            server.container.restart()
        for server in servers:
            server.container.pause()
            SystemClock().sleep(1)
            server.container.resume()
        done.set()
        thread.join(10)
        ground.counts(published)
