"""What the tests on real brokers publish, and what they look for."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar, Protocol

import confluent_kafka.admin
import msgspec
from confluent_kafka import Consumer as KafkaConsumer

from pkg.clock import SystemClock
from pkg.eventstream import Consumer, Json, Limits, Producer, Topic

TOPIC = "orders"
_PATIENCE_SECONDS = 60.0
_NUMBERS = itertools.count()
_admin: Any = confluent_kafka.admin


class KafkaServer(Protocol):
    """What dockertest's results are; only tests import dockertest."""

    @property
    def prefix(self) -> str:
        """Comes before names."""

    @property
    def config(self) -> Any:
        """For confluent-kafka's constructors."""

    def name(self, x: str) -> str:
        """As dockertest has it."""


class Broker(KafkaServer, Protocol):
    """A server on which topics can be made."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    def client(self) -> Any:
        """An AdminClient."""


class Order(msgspec.Struct, frozen=True):
    """An event. Its number counts up."""

    id: str
    number: int
    filling: str = ""


ORDERS = Topic(TOPIC, Json(Order), key=lambda order: f"customer-{order.number % 7}")


def order(number: int, whose: str = "ord") -> Order:
    """One with an id of its own."""
    return Order(f"{whose}_{number}", number)


def producer(server: KafkaServer, folder: Path, **options: Any) -> Producer:
    """One as a service has it, with files so small that there are many."""
    limits = Limits(bytes=64 << 20, segment_bytes=64 << 10, event_bytes=50_000)
    return Producer(
        folder,
        server.config,
        clock=SystemClock(),
        prefix=server.prefix,
        **{"limits": limits, **options},
    )


def consumer(server: KafkaServer, **options: Any) -> Consumer[Order]:
    """A member of the group `shipping` that is soon missed when it is gone."""
    config = {**server.config, "session.timeout.ms": 6000, "heartbeat.interval.ms": 500}
    known: dict[str, Any] = {"group": "shipping", "clock": SystemClock(), "prefix": server.prefix}
    return Consumer(ORDERS, config, **{**known, **options})


def with_topic[S: Broker](broker: S, partitions: int, **config: str) -> S:
    """The same broker, where names have a prefix of their own, with the topic made."""
    own = replace(broker, prefix=f"test{next(_NUMBERS)}.")
    topic = _admin.NewTopic(own.name(TOPIC), partitions, config=config)
    client = own.client()
    client.create_topics([topic])[topic.topic].result(_PATIENCE_SECONDS)
    return own


@contextmanager
def running(one: Consumer[Order], handler: Any) -> Iterator[Thread]:
    """A consumer that runs, until the end of the block."""
    thread = Thread(target=one.run, args=(handler,), daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        one.stop()
        thread.join(30)
        assert not thread.is_alive()


def on_broker(server: KafkaServer, expected: Iterable[str]) -> Counter[str]:
    """How often each event is on the broker, once all that are expected are.

    Raises:
        AssertionError: they are not, after a minute.
    """
    missing, found, clock = set(expected), Counter[str](), SystemClock()
    config = {**server.config, "group.id": server.name("looks"), "enable.auto.commit": False}
    until = clock.monotonic() + _PATIENCE_SECONDS
    with closing(KafkaConsumer({**config, "auto.offset.reset": "earliest"})) as looking:
        looking.subscribe([server.name(TOPIC)])
        while missing and clock.monotonic() < until:
            for message in looking.consume(10_000, 0.5):
                if message.error() is None:
                    name = ORDERS.codec.decode(message.value() or b"").id
                    found[name] += 1
                    missing.discard(name)
    assert not missing, f"{len(missing)} are missing, such as {sorted(missing)[:3]}"
    return found
