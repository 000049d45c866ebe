"""Kafka does its worst by its own protocol, and the next server knows nothing of it."""

from contextlib import ExitStack, closing, suppress
from functools import partial
from typing import Any

import confluent_kafka.admin

from pkg.dockertest.fresh import kafka_worst, stock, twice
from pkg.dockertest.fresh.kafka_wire import Wire, array, i32, i64, short_array
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.testutil import eventually
from pkg.testutil.containers.tenants.kafka_wire import Raw

# Not all that they offer is in their types.
kafka: Any = confluent_kafka
admin: Any = confluent_kafka.admin

SECONDS = 10.0
SHORT_SECONDS = 1.0
TAGS = b"\0"
# What it is asked for what it knows: number, version, body, and whether it is a newer request.
ASKED = {
    "groups": (16, 0, b"", False),
    "groups of every kind": (16, 5, short_array() + short_array() + TAGS, True),
    "tokens": (41, 1, i32(-1), False),
    "quotas": (48, 0, array() + b"\0", False),
    "reassignments": (46, 0, i32(1000) + b"\0" + TAGS, True),
    "users": (50, 0, short_array() + TAGS, True),
    "transactions": (66, 0, short_array() + short_array() + TAGS, True),
    "what has parameters": (74, 1, short_array() + TAGS, True),
}


def worst(server: KafkaServer, left: ExitStack) -> twice.Uses:
    wires = [left.enter_context(closing(Wire(server))) for _ in range(3)]
    config: Any = {**server.config, "log_level": 0, "error_cb": lambda _error: None}
    client: Any = admin.AdminClient(config)
    clients = [client, topics(client, config), *transactions(config), *groups(client, config)]
    users_and_rights(client)
    parameters(client, wires[0])
    about = client.describe_topics(kafka.TopicCollection(["left-kept"]))["left-kept"].result()
    identity = (
        about.topic_id.get_most_significant_bits(),
        about.topic_id.get_least_significant_bits(),
    )
    cluster = client.list_topics(timeout=SECONDS).cluster_id
    made = kafka_worst.ask_all(wires[0], b"".join(map(i64, identity)), cluster)
    placed = made | kafka_worst.READING.keys() | kafka_worst.CLIENTS.keys()
    assert wires[0].apis() <= placed, "the server knows requests that are not made here"
    told = facts(server)
    for name in ("groups", "quotas", "users", "transactions", "what has parameters"):
        assert b"left" in told[name], name
    assert told["files that mention it"]
    kafka_worst.unregister(wires[0])
    uses = [partial(one.list_topics, timeout=SHORT_SECONDS) for one in clients]
    return [*uses, *(one.apis for one in wires)]


def done(futures: Any) -> None:
    for one in futures.values():
        one.result(SECONDS)


def topics(client: Any, config: Any) -> Any:
    """Made, made by use, given partitions, cut, and removed."""
    names = ("left-kept", "left-plain", "left-deleted")
    done(client.create_topics([admin.NewTopic(one, 1) for one in names]))
    done(client.create_partitions([admin.NewPartitions("left-kept", 2)]))
    producer = kafka.Producer(config)
    for name in (*names, "left-made-by-use"):
        for _ in range(100):
            producer.produce(name, b"left" * 1000)
    assert producer.flush(SECONDS) == 0
    done(client.delete_records([kafka.TopicPartition("left-kept", 0, 1)]))
    done(client.delete_topics(["left-deleted"]))
    with suppress(kafka.KafkaException):  # there is only one
        client.elect_leaders(kafka.ElectionType.PREFERRED).result(SECONDS)
    return producer


def transactions(config: Any) -> list[Any]:
    """One that was committed, and one that is left open."""
    producers = []
    for name in ("left-done", "left-open"):
        producer = kafka.Producer({**config, "transactional.id": name})
        producer.init_transactions(SECONDS)
        producer.begin_transaction()
        producer.produce("left-kept", b"left")
        position = kafka.TopicPartition("left-kept", 0, 7)
        member = kafka.Consumer({**config, "group.id": "left-done"})
        producer.send_offsets_to_transaction([position], member.consumer_group_metadata(), SECONDS)
        member.close()
        producer.flush(SECONDS)
        producers.append(producer)
    producers[0].commit_transaction(SECONDS)
    return producers


def groups(client: Any, config: Any) -> list[Any]:
    """One that is left with its members in it, others that were left, set back and removed."""
    members = []
    for name in ("left-group", "left-deserted", "left-removed"):
        member = kafka.Consumer({**config, "group.id": name, "auto.offset.reset": "earliest"})
        member.subscribe(["left-kept"])
        eventually(partial(member.poll, SHORT_SECONDS), within=SECONDS)
        member.commit(asynchronous=False)
        members.append(member)
    for member in members[1:]:
        member.close()
    back = kafka.TopicPartition("left-kept", 0, 3)
    group = kafka.ConsumerGroupTopicPartitions("left-deserted", [back])
    done(client.alter_consumer_group_offsets([group]))
    done(client.delete_consumer_groups(["left-removed"]))
    return members[:1]


def users_and_rights(client: Any) -> None:
    mechanism = admin.ScramCredentialInfo(admin.ScramMechanism.SCRAM_SHA_256, 4096)
    user = admin.UserScramCredentialUpsertion("left", mechanism, b"left")
    done(client.alter_user_scram_credentials([user]))
    right = admin.AclBinding(
        admin.ResourceType.TOPIC,
        "left",
        admin.ResourcePatternType.PREFIXED,
        "User:left",
        "*",
        admin.AclOperation.ALL,
        admin.AclPermissionType.DENY,
    )
    with suppress(kafka.KafkaException):  # as long as the server has no authorizer
        done(client.create_acls([right]))


def parameters(client: Any, wire: Wire) -> None:
    """Each of the broker's that can be set, for it and for all brokers, and each of a topic's."""
    broker = described(client, admin.ConfigResource.Type.BROKER, "1")
    topic = described(client, admin.ConfigResource.Type.TOPIC, "left-kept")
    unset = kafka_worst.set_parameters(wire, kafka_worst.BROKER, "1", broker)
    unset |= kafka_worst.set_parameters(wire, kafka_worst.TOPIC, "left-kept", topic)
    assert unset <= kafka_worst.UNSETTABLE.keys()
    assert len(kafka_worst.set_parameters(wire, kafka_worst.BROKER, "", broker)) < len(broker) / 2


def described(client: Any, kind: Any, name: str, read_only: bool = False) -> dict[str, str | None]:
    resource = admin.ConfigResource(kind, name)
    found = client.describe_configs([resource])[resource].result(SECONDS)
    return {key: one.value for key, one in found.items() if read_only or not one.is_read_only}


def facts(server: KafkaServer) -> dict[str, Any]:
    client: Any = server.client()
    metadata = client.list_topics(timeout=SECONDS)
    told: dict[str, Any] = {
        "topics": {name: len(one.partitions) for name, one in metadata.topics.items()},
        "brokers": list(metadata.brokers),
    }
    broker = described(client, admin.ConfigResource.Type.BROKER, "1", read_only=True)
    for key, value in broker.items():
        told[f"broker {key}"] = (value or "").replace(f":{server.port}", ":PORT")
    for name in metadata.topics:
        kind = admin.ConfigResource.Type.TOPIC
        told[f"topic {name}"] = described(client, kind, name, read_only=True)
    with closing(Wire(server)) as wire:
        told["features"] = wire.features()
        told["requests"] = wire.apis()
        for name, (api, version, body, newer) in ASKED.items():
            told[name] = wire.ask(api, version, Raw(body), flexible=newer)
    found = stock.untold(server).exec(["grep", "-rl", "left-", "/data", "/tmp"])
    told["files that mention it"] = found.stdout.splitlines()
    return told


def test_nothing_of_it_is_there_for_the_next_server() -> None:
    """Topics, transactions, groups, users, quotas, features, parameters, clients left open."""
    twice.assert_fresh(Kafka(), worst, facts, {})
