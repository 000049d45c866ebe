"""What events cost: a publish for its caller, and the way to ClickHouse beside bare clients."""

import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec
from confluent_kafka import Consumer as KafkaConsumer
from confluent_kafka import KafkaError, Message
from confluent_kafka import Producer as KafkaProducer

from benchmarks.libs.row import Row
from pkg import dockertest, uid
from pkg.analytics import Client, Sink, Table
from pkg.clock import SystemClock
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.eventstream import Consumer, Json, Producer, Topic

# Left out by //tools/lint:statements_test: its tables are made by pkg.analytics.

EVENTS = 100_000
_BATCH = 5000
_SYNCS = 200
_PAUSE_SECONDS = 0.002


class Verification(msgspec.Struct, frozen=True):
    """An event as services/api publishes them: some 240 bytes of JSON."""

    id: str
    workspace: str
    key: str
    outcome: str
    region: str
    at: int


TOPIC = Topic("verifications", Json(Verification), key=lambda event: event.workspace)
TABLE = Table(
    "verifications",
    Verification,
    order=("workspace", "at"),
    partition="toYYYYMM(toDateTime(intDiv(at, 1000), 'UTC'))",
)
BARE = Table("bare", Verification, order=("workspace", "at"), partition=TABLE.partition)


def events(count: int = EVENTS) -> list[Verification]:
    """Of 100 workspaces with ten keys each."""
    clock = SystemClock()
    at = int(clock.now().timestamp() * 1000)
    workspaces = [uid.new("ws", clock) for _ in range(100)]
    keys = [uid.new("key", clock) for _ in range(1000)]
    return [
        Verification(
            uid.new("evt", clock),
            workspaces[number % 100],
            keys[number % 1000],
            "VALID",
            "eu-central",
            at + number,
        )
        for number in range(count)
    ]


def publish_seconds(kafka: KafkaServer, published: Sequence[Verification]) -> list[float]:
    """Of each call, one right after another, while the events before are being sent."""
    samples = []
    with tempfile.TemporaryDirectory() as folder, _producer(kafka, folder) as producer:
        for event in published:
            before = time.perf_counter()
            producer.publish(TOPIC, event)
            samples.append(time.perf_counter() - before)
    return samples


def outage_seconds(kafka: KafkaServer, published: Sequence[Verification]) -> list[float]:
    """The same while the broker hangs."""
    kafka.container.pause()
    try:
        samples = []
        with tempfile.TemporaryDirectory() as folder:
            producer = _producer(kafka, folder)
            for event in published:
                before = time.perf_counter()
                producer.publish(TOPIC, event)
                samples.append(time.perf_counter() - before)
            producer.close(0)
    finally:
        kafka.container.resume()
    return samples


def sync_seconds(kafka: KafkaServer, published: Sequence[Verification]) -> list[float]:
    """Of a sync after each publish: what it costs that the machine may end."""
    samples = []
    with tempfile.TemporaryDirectory() as folder, _producer(kafka, folder) as producer:
        for event in published:
            producer.publish(TOPIC, event)
            before = time.perf_counter()
            producer.sync()
            samples.append(time.perf_counter() - before)
    return samples


def bare(
    kafka: KafkaServer, clickhouse: ClickHouseServer, published: Sequence[Verification]
) -> float:
    """Events per second by the clients alone: produced, then consumed, decoded and inserted.

    With the settings that ours has, and a report for each record.
    """
    encode, decode = msgspec.json.Encoder().encode, msgspec.json.Decoder(Verification).decode
    failed: list[KafkaError] = []

    def report(error: KafkaError | None, message: Message) -> None:
        if error is not None:
            failed.append(error)

    database = clickhouse.client()
    database.execute(BARE.definition())
    before = time.perf_counter()
    settings = {"acks": "all", "enable.idempotence": True, "linger.ms": 5, "log_level": 0}
    room = {"compression.type": "lz4", "queue.buffering.max.messages": 2 * len(published)}
    with closing(KafkaProducer({**kafka.config, **settings, **room})) as producer:
        for number, event in enumerate(published):
            producer.produce("bare", encode(event), event.workspace, on_delivery=report)
            if number % 1000 == 0:
                producer.poll(0)
        if producer.flush(60) or failed:
            raise RuntimeError(f"not all was produced: {failed[:1]}")
    group = {"group.id": f"bare-{time.time_ns()}", "auto.offset.reset": "earliest"}
    with closing(KafkaConsumer({**kafka.config, **group})) as consumer:
        consumer.subscribe(["bare"])
        done = 0
        while done < len(published):
            messages = consumer.consume(_BATCH, 0.1)
            rows = [decode(one.value() or b"") for one in messages if one.error() is None]
            if rows:
                database.execute(BARE.insertion(), BARE.values(rows), columnar=True)
                done += len(rows)
        seconds = time.perf_counter() - before
    database.disconnect()
    return len(published) / seconds


def through(
    kafka: KafkaServer, clickhouse: ClickHouseServer, published: Sequence[Verification]
) -> float:
    """Events per second from the first publish until all are in ClickHouse, counted there."""
    clock = SystemClock()
    client = Client(clickhouse.url, clock=clock)
    client.create(TABLE)
    consumer = Consumer(TOPIC, kafka.config, group="benchmark", clock=clock, batch=_BATCH)
    sink = Sink(consumer, client, TABLE, row=lambda event: event)
    thread = threading.Thread(target=sink.run)
    with tempfile.TemporaryDirectory() as folder:
        before = time.perf_counter()
        thread.start()
        with _producer(kafka, folder) as producer:
            for event in published:
                producer.publish(TOPIC, event)
            while sink.inserted < len(published):
                time.sleep(_PAUSE_SECONDS)
            seconds = time.perf_counter() - before
    sink.stop()
    thread.join()
    [(counted,)] = client.execute(f"SELECT count() FROM {TABLE.once}")
    client.close()
    if counted != len(published):
        raise RuntimeError(f"{counted} of {len(published)} events are in ClickHouse")
    return len(published) / seconds


def rows(rounds: int) -> list[Row]:
    """Microseconds of a publish, and events per second; each round on fresh servers."""
    published = events()
    publish: list[float] = []
    last: list[float] = []
    hanging: list[float] = []
    sync: list[float] = []
    alone: list[float] = []
    ours: list[float] = []
    kinds = Kafka(topics={TOPIC.name: 4, "bare": 4}), ClickHouse()
    for _ in range(rounds):
        with dockertest.scope() as scope:
            kafka, clickhouse = scope.start(*kinds)
            alone.append(bare(kafka, clickhouse, published))
            ours.append(through(kafka, clickhouse, published))
        with dockertest.scope() as scope:
            kafka = scope.start(kinds[0])
            calls = sorted(publish_seconds(kafka, published))
            publish.append(calls[len(calls) // 2] * 1e6)
            last.append(calls[len(calls) * 99 // 100] * 1e6)
            hanging.append(statistics.median(outage_seconds(kafka, published)) * 1e6)
            sync.append(statistics.median(sync_seconds(kafka, published[:_SYNCS])) * 1e3)
    return [
        Row("events: publish, the median of 100,000", publish, "µs", 20),
        Row("events: publish, 99 of 100", last, "µs"),
        Row("events: publish while the broker hangs", hanging, "µs", 20),
        Row("events: sync", sync, "ms"),
        Row("events: produced, consumed, inserted, bare clients", alone, "/s"),
        Row("events: published, until all count in ClickHouse", ours, "/s"),
        Row(
            "events: the latter / the former",
            [one / other for one, other in zip(ours, alone, strict=True)],
            "x",
            0.5,
            least=True,
        ),
    ]


def _producer(kafka: KafkaServer, folder: str) -> Producer:
    return Producer(Path(folder), kafka.config, clock=SystemClock())
