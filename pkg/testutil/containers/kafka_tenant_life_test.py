"""What a tenant of the shared Kafka can do with what is its own, and what is left of it."""

import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.cimpl import NewTopic

from pkg.dockertest import InvalidOption, engine
from pkg.dockertest.kafka import Kafka, KafkaServer, Topic
from pkg.testutil import eventually
from pkg.testutil.containers import Containers
from pkg.testutil.containers.kafka_victim import QUIET, at_work, session
from pkg.testutil.containers.parted import process
from pkg.testutil.containers.tenants import kafka_stock
from pkg.testutil.containers.tenants.kafka_admin import Admin
from pkg.testutil.containers.tenants.kafka_wire import decode

LEGAL = ["a", "..", ".", "-", "_", "__x", "a.b-c_D", "9", "x" * 220]
ILLEGAL = ["a b", "ключ", "a/b", "a:b", "*", "x" * 249]
GROUPS = ["a b", "ключ", "*", "a/b", "\n", "x" * 249]


@pytest.fixture
def admin() -> Admin:
    server = process.find(engine.connect(), (Kafka(),))["kafka"].whole
    return Admin(server.host, server.port, server.user, server.password)


@pytest.fixture
def kafka(containers: Containers) -> KafkaServer:
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


def left(admin: Admin, server: KafkaServer) -> set[str]:
    """What the broker has of a tenant."""
    stock = kafka_stock.stock(admin, lambda name: name.startswith(server.user))
    return {name for name in stock if server.user in name}


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
    assert f"setting cleanup.policy of topic {kafka.name('b')}" in left(admin, kafka)


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
            assert f"group {kafka.name('g')}" in left(admin, kafka)
        assert left(admin, kafka) == set()
        with pytest.raises(KafkaException):
            consumer.commit(asynchronous=False)
        assert left(admin, kafka) == set()
    with pytest.raises(PermissionError), session(kafka):
        pass


def test_nothing_is_left_of_a_dropped_tenant(admin: Admin) -> None:
    """Of its topics, also on the disk, its groups, its open transaction, its rights and itself."""
    with Containers() as containers:
        kafka = containers.start(Kafka(topics=["vault"]))
        with at_work(kafka, admin):
            assert len(left(admin, kafka)) >= 9
            containers.close()
    assert left(admin, kafka) == set()
    form = (4, 2, [(2, str, [(str, [(4, 8, 8, 1)])])])

    def is_on_disk() -> bool:
        [(_, _, topics)] = decode(admin.connection.ask(35, 4, (None,)), form)[2]
        return any(name.startswith(kafka.user) for name, _ in topics)

    eventually(lambda: not is_on_disk())


def test_a_forked_child_leaves_its_parents_tenants_alone(kafka: KafkaServer) -> None:
    """It has no share in the parent's connection, and neither removes nor ends anything."""
    child = os.fork()
    if not child:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    with Containers() as containers:
        assert containers.start(Kafka()).user != kafka.user
    produce(kafka, kafka.name("orders"), "x")
