"""What holds for Kafka beside what holds for every service."""

import dataclasses
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from pkg.dockertest import Scope
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.testutil import eventually

QUIET: dict[str, Any] = {"log_level": 0}  # librdkafka writes to stderr what these tests provoke


@pytest.fixture
def kafka(dockertest: Scope) -> KafkaServer:
    return dockertest.start(Kafka())


def produce(server: KafkaServer, topic: str, value: bytes) -> None:
    with closing(Producer({**server.config, **QUIET})) as producer:
        producer.produce(topic, value)
        assert producer.flush(10.0) == 0


@contextmanager
def member(server: KafkaServer, group: str, topic: str) -> Iterator[Consumer]:
    """A new member of a group."""
    config = {**server.config, **QUIET, "group.id": group, "auto.offset.reset": "earliest"}
    with closing(Consumer(config)) as consumer:
        consumer.subscribe([topic])
        yield consumer


def consumed(consumer: Consumer) -> bytes:
    record = consumer.poll(10.0)
    assert record is not None
    assert record.error() is None, record.error()
    value = record.value()
    assert value is not None
    return value


def test_a_record_is_consumed_through_a_new_group(kafka: KafkaServer) -> None:
    """Also at the advertised address: a client is sent there after its first connection."""
    produce(kafka, kafka.name("orders"), b"one")
    with member(kafka, "shipping", kafka.name("orders")) as consumer:
        assert consumed(consumer) == b"one"


def test_a_group_goes_on_where_it_was(kafka: KafkaServer) -> None:
    """Its offsets are kept."""
    produce(kafka, "orders", b"one")
    with member(kafka, "shipping", "orders") as consumer:
        assert consumed(consumer) == b"one"
        consumer.commit(asynchronous=False)
    produce(kafka, "orders", b"two")
    with member(kafka, "shipping", "orders") as consumer:
        assert consumed(consumer) == b"two"


def test_its_only_broker_is_at_the_published_address(kafka: KafkaServer) -> None:
    """What it tells its clients is what the result says."""
    brokers = kafka.client().list_topics(timeout=10.0).brokers.values()
    assert [f"{one.host}:{one.port}" for one in brokers] == [kafka.bootstrap_servers]


def test_a_fresh_one_has_no_topic_of_users(kafka: KafkaServer) -> None:
    """Those that are there begin with two underscores, and no group is left from preparing them."""
    client = kafka.client()
    topics = client.list_topics(timeout=10.0).topics
    assert [name for name in topics if not name.startswith("__")] == []
    assert client.list_consumer_groups().result(10.0).valid == []


def test_two_have_nothing_in_common(dockertest: Scope) -> None:
    """Neither password nor the cluster's name."""
    one, other = dockertest.start(Kafka(), Kafka())
    assert one.password != other.password
    clusters = {server.client().list_topics(timeout=10.0).cluster_id for server in (one, other)}
    assert len(clusters) == 2


def test_a_wrong_password_is_refused(kafka: KafkaServer) -> None:
    """Nothing is to be had without the right one."""
    wrong = dataclasses.replace(kafka, password=kafka.password[::-1])
    with pytest.raises(PermissionError, match=r"[Aa]uthentication failed"):
        Kafka().check(wrong)
    with pytest.raises(KafkaException, match=r"_TRANSPORT|_TIMED_OUT"):
        AdminClient({**wrong.config, **QUIET}).list_topics(timeout=1.0)


def test_no_password_is_refused(kafka: KafkaServer) -> None:
    """The published port speaks to nobody who has not authenticated."""
    plain = {"bootstrap.servers": kafka.bootstrap_servers, **QUIET}
    with pytest.raises(KafkaException, match=r"_TRANSPORT|_TIMED_OUT"):
        AdminClient(plain).list_topics(timeout=1.0)


def test_records_are_there_after_a_restart(kafka: KafkaServer) -> None:
    """A killed one is soon back with its log, its groups, port and password."""
    produce(kafka, "orders", b"one")
    with member(kafka, "shipping", "orders") as consumer:
        assert consumed(consumer) == b"one"
        consumer.commit(asynchronous=False)
    produce(kafka, "orders", b"two")
    kafka.container.kill()
    kafka.container.restart()

    def is_back() -> None:
        try:
            Kafka().check(kafka)
        except OSError as error:
            raise AssertionError("not back yet") from error

    eventually(is_back, within=20.0)
    with member(kafka, "shipping", "orders") as consumer:
        assert consumed(consumer) == b"two"
