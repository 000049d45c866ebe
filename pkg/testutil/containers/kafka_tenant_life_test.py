"""What a tenant of the shared Kafka can do with what is its own, and what is left of it."""

import contextlib
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition

from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.testutil import eventually
from pkg.testutil.containers import Containers
from pkg.testutil.containers.kafka_clients import (
    QUIET,
    admin,
    consumed,
    kafka,
    left,
    member,
    produce,
)
from pkg.testutil.containers.kafka_victim import at_work, session
from pkg.testutil.containers.tenants.kafka_admin import Admin
from pkg.testutil.containers.tenants.kafka_wire import decode
from pkg.testutil.processes import line, python

WORK = """
import signal
from pkg.dockertest.kafka import Kafka
from pkg.testutil.containers import Containers
from pkg.testutil.containers.kafka_clients import administrator
from pkg.testutil.containers.kafka_victim import at_work
kafka = Containers().start(Kafka(topics=["vault"]))
with at_work(kafka, administrator()):
    print(kafka.user, flush=True)
    signal.pause()
"""
START = """
from pkg.dockertest.kafka import Kafka
from pkg.testutil.containers import Containers
with Containers() as containers:
    containers.start(Kafka())
"""


__all__ = ["admin", "kafka"]  # fixtures


def test_a_tenant_sees_its_own_alone(containers: Containers, kafka: KafkaServer) -> None:
    """Topics and groups, by the client library's own lists."""
    other = containers.start(Kafka(topics=["theirs"]))
    with member(kafka, kafka.name("mine")):
        for server, topics, groups in (
            (kafka, {"orders"}, {"mine"}),
            (other, {"theirs"}, set[str]()),
        ):
            client = server.client()
            assert client.list_topics(timeout=10).topics.keys() == {
                server.name(one) for one in topics
            }
            listed = client.list_consumer_groups().result().valid
            assert {one.group_id for one in listed} == {server.name(one) for one in groups}


def test_another_tenants_topic_can_be_neither_written_nor_read(
    containers: Containers, kafka: KafkaServer
) -> None:
    """By a producer, a consumer, or a pattern that it would match."""
    other = containers.start(Kafka(topics=["orders"]))
    produce(other, other.name("orders"), "theirs")
    with pytest.raises(KafkaException, match="TOPIC_AUTHORIZATION_FAILED"):
        produce(kafka, other.name("orders"), "x")
    config = {**kafka.config, **QUIET, "auto.offset.reset": "earliest"}
    for topic in (other.name("orders"), "^t.*"):
        produce(kafka, kafka.name("orders"), "mine")
        group = kafka.name(f"g-{len(topic)}")
        with contextlib.closing(Consumer({**config, "group.id": group})) as consumer:
            consumer.subscribe([topic])
            is_pattern = topic.startswith("^")
            assert consumed(consumer) == ("mine" if is_pattern else "TOPIC_AUTHORIZATION_FAILED")
    with contextlib.closing(Consumer({**config, "group.id": "any"})) as consumer:
        consumer.subscribe([kafka.name("orders")])
        assert consumed(consumer) == "GROUP_AUTHORIZATION_FAILED"


def test_many_tenants_at_once_have_their_own() -> None:
    """A hundred, each with its record."""
    with Containers() as containers:

        def use(number: int) -> tuple[str, str]:
            kafka = containers.start(Kafka(topics=["numbers"]))
            produce(kafka, kafka.name("numbers"), str(number))
            config = {**kafka.config, **QUIET, "group.id": kafka.name("g")}
            with contextlib.closing(Consumer(config)) as consumer:
                consumer.assign([TopicPartition(kafka.name("numbers"), 0, 0)])
                return str(number), consumed(consumer)

        with ThreadPoolExecutor(100) as pool:
            assert all(sent == received for sent, received in pool.map(use, range(100)))


@pytest.mark.parametrize(
    "more",
    [{}, {"group_protocol": "consumer"}, {"group_instance_id": "x"}],
    ids=["classic", "consumer", "static"],
)
def test_a_group_goes_with_its_members(admin: Admin, more: dict[str, str]) -> None:
    """Whichever protocol they have; they cannot come back, nor can anybody with its password."""
    with contextlib.ExitStack() as stays:
        with Containers() as containers:
            kafka = containers.start(Kafka(topics=["orders"]))
            consumer = stays.enter_context(member(kafka, kafka.name("g"), **more))
            assert f"group {kafka.name('g')}" in left(admin, kafka.user)
        assert left(admin, kafka.user) == set()
        with pytest.raises(KafkaException):
            consumer.commit(asynchronous=False)
        assert left(admin, kafka.user) == set()
    with pytest.raises(PermissionError), session(kafka):
        pass


def test_nothing_is_left_of_a_dropped_tenant(admin: Admin) -> None:
    """Of its topics, also on the disk, its groups, its open transaction, its rights and itself."""
    with Containers() as containers:
        kafka = containers.start(Kafka(topics=["vault"]))
        with at_work(kafka, admin):
            assert len(left(admin, kafka.user)) >= 9
            containers.close()
    assert left(admin, kafka.user) == set()
    form = (4, 2, [(2, str, [(str, [(4, 8, 8, 1)])])])

    def is_on_disk() -> bool:
        [(_, _, topics)] = decode(admin.connection.ask(35, 4, (None,)), form)[2]
        return any(name.startswith(kafka.user) for name, _ in topics)

    eventually(lambda: not is_on_disk())


def test_what_was_killed_at_work_is_removed(admin: Admin) -> None:
    """By the next process: also a group whose member had no time to leave, and a transaction."""
    with python(WORK) as at_work:
        user = line(at_work)
        assert any(name.startswith(f"transaction {user}") for name in left(admin, user))
    with python(START) as next_one:
        assert next_one.wait() == 0
    assert left(admin, user) == set()


def test_a_forked_child_leaves_its_parents_tenants_alone(kafka: KafkaServer) -> None:
    """It has no share in the parent's connection, and neither removes nor ends anything."""
    child = os.fork()
    if not child:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    with Containers() as containers:
        assert containers.start(Kafka()).user != kafka.user
    produce(kafka, kafka.name("orders"), "x")
