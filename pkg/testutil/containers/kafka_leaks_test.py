"""What a test has left on the shared Kafka that it had whole fails it."""

import struct
from collections.abc import Callable

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.cimpl import NewTopic

from pkg.dockertest import engine
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.testutil import eventually
from pkg.testutil.containers import Containers, leaks
from pkg.testutil.containers.kafka_clients import administrator
from pkg.testutil.containers.parted import process
from pkg.testutil.containers.tenants.kafka_admin import Admin
from pkg.testutil.containers.tenants.kafka_wire import Raw, number


def topic(server: KafkaServer, admin: Admin) -> None:
    client = server.client()
    client.create_topics([NewTopic("left", 2, 1)])["left"].result()


def record(server: KafkaServer, admin: Admin) -> None:
    producer = Producer(server.config)
    producer.produce("kept", "x")
    assert producer.flush(10) == 0


def group(server: KafkaServer, admin: Admin) -> None:
    consumer = Consumer({**server.config, "group.id": "left"})
    consumer.commit(offsets=[TopicPartition("kept", 0, 0)], asynchronous=False)
    consumer.close()


def user(server: KafkaServer, admin: Admin) -> None:
    admin.make_user("left", "secret")


def rule(server: KafkaServer, admin: Admin) -> None:
    admin.allow("left", "left")


def setting(server: KafkaServer, admin: Admin) -> None:
    set_to(admin, 4, "1", "background.threads", "2")


def default(server: KafkaServer, admin: Admin) -> None:
    set_to(admin, 4, "", "background.threads", "2")


def setting_of_a_topic(server: KafkaServer, admin: Admin) -> None:
    set_to(admin, 2, "kept", "retention.ms", "60000")


def quota(server: KafkaServer, admin: Admin) -> None:
    set_quota(admin, removed=False)


def transaction(server: KafkaServer, admin: Admin) -> None:
    producer = Producer({**server.config, "transactional.id": "left", "log_level": 0})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce("kept", "x")
    assert producer.flush(10) == 0


def set_to(admin: Admin, kind: int, name: str, setting: str, value: str | None) -> None:
    changed = (setting, number(0 if value else 1, 1), value)
    admin.ask(44, 1, ([(number(kind, 1), name, [changed])], False), (4,))


def set_quota(admin: Admin, *, removed: bool) -> None:
    changed = ("producer_byte_rate", Raw(struct.pack(">d", 1e9)), removed)
    admin.ask(49, 1, ([([("user", "left")], [changed])], False), (4,))


def tidy(admin: Admin) -> None:
    """Removes all of it."""
    for id in admin.transactions():
        admin.abort(id)
    admin.remove_groups({name: kind for name, kind in admin.groups().items() if name == "left"})
    admin.remove_topics(name for name in admin.topics() if name in ("left", "kept"))
    admin.forbid("left")
    admin.remove_user("left")
    set_quota(admin, removed=True)
    for name in ("1", ""):
        set_to(admin, 4, name, "background.threads", None)


@pytest.mark.parametrize(
    ("leave", "told"),
    [
        (topic, "left topic left"),
        (record, r"changed records in kept/0: \[0, 0\] → \[0, 1\]"),
        (group, "left group left"),
        (user, "left user left"),
        (rule, r"left rule 2 left 4 User:left \* 2 3"),
        (setting, "left setting background.threads of broker 1"),
        (default, "left setting background.threads of broker all"),
        (setting_of_a_topic, "left setting retention.ms of topic kept"),
        (quota, "left quota of user left"),
        (transaction, "left transaction left"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_what_is_left_is_named(
    containers: Containers, leave: Callable[[KafkaServer, Admin], None], told: str
) -> None:
    """Each kind of it, and what has changed of what was there before."""
    server = containers.raw(Kafka())
    whole = process.find(engine.connect(), (Kafka(),))["kafka"]
    admin = administrator()
    empty = leaks.stock(whole)
    admin.make_topics([("kept", 1, {})])
    before = leaks.stock(whole)
    try:
        leave(server, admin)
        # The broker has decided it, and comes to it soon.
        eventually(lambda: leaks.stock(whole) != before)
        with pytest.raises(leaks.Leaked, match=told):
            leaks.compare("kafka", before, leaks.stock(whole))
    finally:
        tidy(admin)
        eventually(lambda: leaks.stock(whole) == empty)
