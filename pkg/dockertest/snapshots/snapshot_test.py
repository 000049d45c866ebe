"""What a snapshot holds is there for each test, and what a test adds is there for no other."""

import io
import json
import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pkg.dockertest import SchemaFailed, Scope, Seed, Service, engine
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.dockertest.kafka import Kafka, KafkaServer, Topic
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.dockertest.redis import Redis, RedisServer
from pkg.dockertest.s3 import S3, S3Server
from pkg.dockertest.snapshots.cleanup import Named, fresh, is_there, named
from pkg.testutil import eventually

__all__ = ["fresh", "named"]  # fixtures

MIB = 1 << 20


@dataclass(frozen=True)
class Case:
    """A service with content, and how a test sees and changes it."""

    make: Callable[[Path, str], Service[Any]]
    see: Callable[[Any], object]
    change: Callable[[Any], object]
    seen: Callable[[str], object]
    is_kept: bool = True
    """Whether a server that is killed and restarted still has what the test has changed."""


def file(folder: Path, text: str) -> Path:
    path = folder / "schema.sql"
    path.write_text(text)
    return path


def mysql(server: MySQLServer, statement: str) -> Any:
    with closing(server.client()) as connection, connection.cursor() as cursor:
        cursor.execute("SET autocommit = 1")
        cursor.execute(statement)
        return cursor.fetchall()


def clickhouse(server: ClickHouseServer, statement: str) -> Any:
    with server.client() as client:
        return client.execute(statement)


def redis_keys(server: RedisServer) -> object:
    with server.client() as client:
        names = sorted(client.keys())
        return {name: client.get(name) for name in names if client.type(name) == b"string"}


def s3_objects(server: S3Server) -> object:
    client = server.client()
    found = {}
    for bucket in client.list_buckets():
        for one in client.list_objects(bucket.name, recursive=True):
            name = f"{bucket.name}/{one.object_name}"
            found[name] = client.get_object(bucket.name, str(one.object_name)).read()
    return found


def kafka_topics(server: KafkaServer) -> object:
    topics = server.client().list_topics(timeout=10).topics
    return {name: len(one.partitions) for name, one in topics.items() if name[:2] != "__"}


def kafka_add(server: KafkaServer) -> None:
    from confluent_kafka import Producer

    producer = Producer({**server.config, "topic.metadata.refresh.interval.ms": 100})
    producer.produce("added", b"record")
    assert producer.flush(10) == 0


CASES = {
    "mysql": Case(
        lambda folder, word: MySQL(
            schema=file(folder, f"CREATE TABLE t (w TEXT); INSERT INTO t VALUES ('{word}');")
        ),
        lambda server: mysql(server, "SELECT w FROM t"),
        lambda server: mysql(server, "INSERT INTO t VALUES ('added')"),
        lambda word: ((word,),),
    ),
    "clickhouse": Case(
        lambda folder, word: ClickHouse(
            database="shop",
            schema=file(
                folder,
                f"CREATE TABLE t (w String) ENGINE = MergeTree ORDER BY w;\n"
                f"INSERT INTO t VALUES ('{word}');",
            ),
        ),
        lambda server: clickhouse(server, "SELECT w FROM shop.t ORDER BY w"),
        lambda server: clickhouse(server, "INSERT INTO shop.t SELECT 'added'"),
        lambda word: [(word,)],
    ),
    "redis": Case(
        lambda _, word: Redis(data={"w": word, b"\0": b"\xff"}),
        redis_keys,
        lambda server: server.client().set("added", "1"),
        lambda word: {b"w": word.encode(), b"\0": b"\xff"},
        is_kept=False,
    ),
    "s3": Case(
        lambda folder, word: S3(
            objects={"words/w": word.encode(), "zeros/a/b": Path(zeros(folder))},
        ),
        s3_objects,
        lambda server: server.client().put_object("words", "added", io.BytesIO(b"1"), 1),
        lambda word: {"words/w": word.encode(), "zeros/a/b": bytes(6 * MIB)},
    ),
    "kafka": Case(
        lambda _, word: Kafka(topics=[word, Topic("three", 3, {"cleanup.policy": "compact"})]),
        kafka_topics,
        kafka_add,
        lambda word: {word: 1, "three": 3},
    ),
}


def zeros(folder: Path) -> Path:
    path = folder / "zeros"
    path.write_bytes(bytes(6 * MIB))
    return path


def ours() -> set[str]:
    """What there is of Berth's: containers, images and volumes."""
    at = engine.connect()
    query: dict[str, str | int] = {"filters": json.dumps({"label": ["berth"]})}
    volumes = at.request("GET", "/volumes", query)["Volumes"] or []
    images = at.request("GET", "/images/json", query)
    return {one["Id"] for one in (*at.containers("berth"), *images)} | {
        one["Name"] for one in volumes
    }


@pytest.mark.parametrize("service", CASES)
def test_each_test_gets_it_untouched(
    named: Named, fresh: Scope, tmp_path: Path, service: str
) -> None:
    """Made at the first start, found at later ones, also in a used container; each server has
    credentials of its own, and one that is killed and restarted is not laid anew."""
    case = CASES[service]
    word = f"w{secrets.token_hex(4)}"
    value = case.make(tmp_path, word)
    name = named(value)
    assert not is_there(name)

    with Scope() as scope:
        one = scope.start(value)
        assert is_there(name)
        assert one.container.image == name
        assert case.see(one) == case.seen(word)
        case.change(one)
        assert case.see(one) != case.seen(word)

    before = engine.connect().image(name)
    other = fresh.start(case.make(tmp_path, word))
    assert other.container.name == one.container.name
    assert case.see(other) == case.seen(word)
    case.change(other)
    changed = case.see(other)
    other.container.kill()
    other.container.restart()
    wait_until_back(value, other)
    assert case.see(other) == (changed if case.is_kept else case.seen(word))

    last = fresh.start(value)
    assert last.container.name != other.container.name
    assert case.see(last) == case.seen(word)
    assert engine.connect().image(name) == before
    assert len(secrets_of(one) | secrets_of(other) | secrets_of(last)) == 3 * len(secrets_of(one))


def secrets_of(server: Any) -> set[str]:
    names = ("password", "access_key_id", "secret_access_key")
    return {value for name in names if (value := getattr(server, name, None))}


def test_a_start_with_a_snapshot_makes_nothing_but_its_container(
    named: Named, fresh: Scope
) -> None:
    """Once it is there: no image, no volume, no second container."""
    value = Redis(data={"word": secrets.token_hex(8)})
    named(value)
    fresh.start(value)
    before = ours()
    server = fresh.start(value)
    at = engine.connect()
    mine = at.request("GET", f"/containers/{server.container.name}/json")["Id"]
    owned = {one["Id"] for one in at.containers(f"berth.owner={owner_of(mine)}")}
    assert {one for one in ours() - before if one in owned} <= {mine}


def owner_of(container: str) -> str:
    about = engine.connect().request("GET", f"/containers/{container}/json")
    return str(about["Config"]["Labels"]["berth.owner"])


def wait_until_back(value: Service[Any], server: Any) -> None:
    def is_back() -> None:
        try:
            value.check(server)
        except Exception as error:
            raise AssertionError("not back yet") from error

    eventually(is_back, within=20.0)


def test_a_topic_that_is_refused_is_named(fresh: Scope) -> None:
    """With the server's words; of several, the one that is meant."""
    odd = Topic("odd", 1, {"cleanup.policy": secrets.token_hex(4)})
    with pytest.raises(SchemaFailed, match=r"the topic odd was refused: .*cleanup\.policy"):
        fresh.start(Kafka(topics=["fine", odd]))


def fill(server: RedisServer) -> None:
    """What no dict of values can say: a sorted set, and a key that ends."""
    with server.client() as client:
        client.zadd("scores", {"a": 1.5, "b": 2.0})
        client.set("soon", "gone", ex=3600)


def test_a_function_fills_what_values_cannot_say(named: Named, fresh: Scope) -> None:
    """Called once for a version."""
    value = Redis(data=Seed(fill, version=secrets.token_hex(8)))
    named(value)
    fresh.start(value)
    client = fresh.start(value).client()
    assert client.zrange("scores", 0, -1, withscores=True) == [(b"a", 1.5), (b"b", 2.0)]
    assert 0 < client.ttl("soon") <= 3600


def test_redis_holds_every_type(named: Named, fresh: Scope) -> None:
    """Hashes, lists and sets, by the type of the value."""
    word = secrets.token_hex(8)
    value = Redis(data={"h": {"a": word}, "l": ["b", "a", "b"], "s": {"x", "y"}, "t": ("c",)})
    named(value)
    client = fresh.start(value).client()
    assert client.hgetall("h") == {b"a": word.encode()}
    assert client.lrange("l", 0, -1) == [b"b", b"a", b"b"]
    assert client.smembers("s") == {b"x", b"y"}
    assert client.lrange("t", 0, -1) == [b"c"]


def test_kafka_s_topics_take_records(named: Named, fresh: Scope) -> None:
    """Into a partition that was made beforehand, with its configuration."""
    from confluent_kafka import Consumer, Producer, TopicPartition
    from confluent_kafka.admin import ConfigResource, ResourceType  # type: ignore[attr-defined]

    topic = Topic(f"t{secrets.token_hex(4)}", 2, {"cleanup.policy": "compact"})
    value = Kafka(topics=[topic])
    named(value)
    server = fresh.start(value)
    producer = Producer(server.config)
    producer.produce(topic.name, b"record", key=b"k", partition=1)
    assert producer.flush(10) == 0
    consumer = Consumer({**server.config, "group.id": "g", "auto.offset.reset": "earliest"})
    consumer.assign([TopicPartition(topic.name, 1, 0)])
    record = consumer.poll(10)
    assert record is not None
    assert record.value() == b"record"
    consumer.close()
    resource = ConfigResource(ResourceType.TOPIC, topic.name)
    client = server.client()  # which must live until it has answered
    described = client.describe_configs([resource])[resource].result(10)
    assert described["cleanup.policy"].value == "compact"
