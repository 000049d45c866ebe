"""What tests of Kafka's tenants do through its usual client library."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Producer

from pkg.dockertest import engine
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.testutil.containers import Containers
from pkg.testutil.containers.parted import process
from pkg.testutil.containers.tenants import kafka_stock
from pkg.testutil.containers.tenants.kafka_admin import Admin

QUIET: dict[str, Any] = {"log_level": 0}  # librdkafka writes to stderr what these tests provoke


def administrator() -> Admin:
    """The shared broker's."""
    whole = process.find(engine.connect(), (Kafka(),))["kafka"].whole
    return Admin(whole.host, whole.port, whole.user, whole.password)


@pytest.fixture
def admin() -> Admin:
    """The shared broker's administrator."""
    return administrator()


@pytest.fixture
def kafka(containers: Containers) -> KafkaServer:
    """A tenant with a topic."""
    return containers.start(Kafka(topics=["orders"]))


def produce(server: KafkaServer, topic: str, value: str) -> None:
    """Raises what the record is refused for."""
    refused: list[Any] = []
    producer = Producer({**server.config, **QUIET})
    producer.produce(topic, value, on_delivery=lambda error, _: refused.append(error))
    assert producer.flush(10) == 0
    [error] = refused
    if error is not None:  # equality with None is an error
        raise KafkaException(error)


@contextlib.contextmanager
def member(server: KafkaServer, group: str, **more: str) -> Iterator[Consumer]:
    """Of a group, with a record that it has consumed of the topic `orders` and committed."""
    produce(server, server.name("orders"), "x")
    config = {**server.config, **QUIET, "group.id": group, "auto.offset.reset": "earliest"}
    consumer = Consumer({**config, **{name.replace("_", "."): one for name, one in more.items()}})
    with contextlib.closing(consumer):
        consumer.subscribe([server.name("orders")])
        assert consumed(consumer) == "x"
        consumer.commit(asynchronous=False)
        yield consumer


def consumed(consumer: Consumer) -> str:
    """The next record's value, or what it is refused for."""
    record = consumer.poll(30)
    assert record
    if error := record.error():
        return error.name()
    return (record.value() or b"").decode()


def left(admin: Admin, user: str) -> set[str]:
    """What the broker has of a tenant."""
    stock = kafka_stock.stock(admin, lambda name: name.startswith(user))
    return {name for name in stock if user in name}
