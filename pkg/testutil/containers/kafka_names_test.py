"""Names of what a tenant of the shared Kafka has."""

import contextlib

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.cimpl import NewTopic

from pkg.dockertest import InvalidOption, SchemaFailed
from pkg.dockertest.kafka import Kafka, KafkaServer, Topic
from pkg.testutil.containers import Containers
from pkg.testutil.containers.kafka_clients import QUIET, admin, consumed, kafka, left, member
from pkg.testutil.containers.tenants.kafka_admin import Admin

LEGAL = ["a", "..", ".", "-", "_", "__x", "a.b-c_D", "9", "x" * 220]
ILLEGAL = ["a b", "ключ", "a/b", "a:b", "*", "x" * 249]
GROUPS = ["a b", "ключ", "*", "a/b", "\n", "x" * 249]


__all__ = ["admin", "kafka"]  # fixtures


@pytest.mark.parametrize("name", LEGAL, ids=range(len(LEGAL)))
def test_a_name_is_a_topic_a_group_and_a_transaction(kafka: KafkaServer, name: str) -> None:
    """Made by its first record; a prefix makes a topic of a name that is none alone."""
    topic = kafka.name(name)
    producer = Producer({**kafka.config, **QUIET, "transactional.id": topic})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(topic, "x")
    producer.commit_transaction(30)
    config = {**kafka.config, **QUIET, "group.id": topic, "auto.offset.reset": "earliest"}
    with contextlib.closing(Consumer(config)) as consumer:
        consumer.subscribe([topic])
        assert consumed(consumer) == "x"


@pytest.mark.parametrize("name", ILLEGAL, ids=range(len(ILLEGAL)))
def test_a_name_that_is_no_topics_is_refused(
    containers: Containers, kafka: KafkaServer, name: str
) -> None:
    """With what a name may be, by whoever is asked for it."""
    client, topic = kafka.client(), kafka.name(name)
    with pytest.raises(KafkaException, match=r"longer than the max|other than ASCII"):
        client.create_topics([NewTopic(topic, 1, 1)])[topic].result()
    with pytest.raises(InvalidOption, match=r"letters"):
        containers.start(Kafka(topics=[name]))


@pytest.mark.parametrize("name", GROUPS, ids=range(len(GROUPS)))
def test_any_name_is_a_group(kafka: KafkaServer, admin: Admin, name: str) -> None:
    """As on a fresh broker."""
    with member(kafka, kafka.name(name)):
        assert kafka.name(name) in admin.groups()


def test_topics_are_there_as_they_were_asked_for(containers: Containers, admin: Admin) -> None:
    """With their partitions and settings, by their names for the tenant."""
    kafka = containers.start(Kafka(topics=["a", Topic("b", 3, {"cleanup.policy": "compact"})]))
    found = kafka.client().list_topics(timeout=10).topics
    assert {name: len(one.partitions) for name, one in found.items()} == {
        kafka.name("a"): 1,
        kafka.name("b"): 3,
    }
    assert f"setting cleanup.policy of topic {kafka.name('b')}" in left(admin, kafka.user)


def test_a_topic_that_kafka_refuses_is_named() -> None:
    """With its reason, and nothing is left of the tenant."""
    with pytest.raises(SchemaFailed, match=r"b: .*no\.such\.setting"), Containers() as containers:
        containers.start(Kafka(topics=["a", Topic("b", config={"no.such.setting": "1"})]))
