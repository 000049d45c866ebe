"""What is asked of a server, whoever started it: the first operation, a test's work, a clean-up."""

import dataclasses
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from pkg.dockertest import Service
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.dockertest.redis import Redis, RedisServer
from pkg.dockertest.s3 import S3, S3Server

SERVICES: Mapping[str, type[Service[Any]]] = {
    "redis": Redis,
    "clickhouse": ClickHouse,
    "mysql": MySQL,
    "s3": S3,
    "kafka": Kafka,
}
SERVERS: Mapping[str, type[Any]] = {
    "redis": RedisServer,
    "clickhouse": ClickHouseServer,
    "mysql": MySQLServer,
    "s3": S3Server,
    "kafka": KafkaServer,
}
_ANSWER_SECONDS = 60.0
_PAUSE_SECONDS = 0.005


class PlaintextServer(KafkaServer):
    """A broker without credentials, as rivals start it."""

    @property
    def config(self) -> dict[str, Any]:
        return {"bootstrap.servers": self.bootstrap_servers}


def facts(server: Any) -> dict[str, Any]:
    """A server's connection facts as plain data, for another process."""
    names = [field.name for field in dataclasses.fields(server) if field.name != "container"]
    return {name: getattr(server, name) for name in names}


def server(name: str, known: Mapping[str, Any]) -> Any:
    """A server from its connection facts; without its container."""
    kind: Any = SERVERS[name]
    if name == "kafka" and not known["password"]:
        kind = PlaintextServer
    return kind(container=None, **known)


def answers(name: str, at: Any) -> None:
    """Waits until a server answers the operation that dockertest itself waits for.

    Raises:
        whatever the client raised last: it did not answer within 60 s.
    """
    service = SERVICES[name]()
    deadline = time.monotonic() + _ANSWER_SECONDS
    while True:
        try:
            service.check(at)
            return
        except Exception:
            if time.monotonic() > deadline:
                raise
        time.sleep(_PAUSE_SECONDS)


def first(name: str, at: Any) -> None:
    """What is still to be done after `answers` until a service has done its first real work."""
    if name == "kafka":
        consume(at, f"benchmark-{uuid.uuid4()}")


def consume(at: KafkaServer, topic: str) -> int:
    """Produces a record and consumes it through a new consumer group; returns its offset."""
    from confluent_kafka import Consumer, Producer

    producer = Producer(at.config)
    producer.produce(topic, b"record")
    producer.flush(30)
    settings = {"group.id": at.name(f"group-{uuid.uuid4()}"), "auto.offset.reset": "earliest"}
    consumer = Consumer({**at.config, **settings})
    try:
        consumer.subscribe([topic])
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            record = consumer.poll(1.0)
            if record is not None and not record.error():
                return int(record.offset() or 0)
        sys.exit("kafka: the record was not consumed within 30 s")
    finally:
        consumer.close()


def once(name: str, at: Any) -> int:
    """A test's work: it is 1 on a server that nobody has used, and more on another."""
    return _ONCE[name](at)


def clean(name: str, at: Any) -> None:
    """Removes what `once` has left, as a test on a shared server does by hand."""
    _CLEAN[name](at)


def _once_redis(at: RedisServer) -> int:
    with at.client() as client:
        return int(client.incr(at.name("x")))


def _clean_redis(at: RedisServer) -> None:
    with at.client() as client:
        client.flushall()


def _once_mysql(at: MySQLServer) -> int:
    with closing(at.client()) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE IF NOT EXISTS x (y INT)")
        cursor.execute("INSERT INTO x VALUES (1)")
        cursor.execute("COMMIT")
        cursor.execute("SELECT COUNT(*) FROM x")
        (count,) = cursor.fetchone()
        return int(count)


def _clean_mysql(at: MySQLServer) -> None:
    with closing(at.client()) as connection:
        cursor = connection.cursor()
        cursor.execute(f"DROP DATABASE {at.database}")
        cursor.execute(f"CREATE DATABASE {at.database}")


def _once_clickhouse(at: ClickHouseServer) -> int:
    with at.client() as client:
        client.execute("CREATE TABLE IF NOT EXISTS x (y Int32) ENGINE = Memory")
        client.execute("INSERT INTO x VALUES", [(1,)])
        return int(client.execute("SELECT count() FROM x")[0][0])


def _clean_clickhouse(at: ClickHouseServer) -> None:
    with at.client() as client:
        for (table,) in client.execute("SHOW TABLES"):
            client.execute(f"DROP TABLE `{table}`")


def _once_s3(at: S3Server) -> int:
    import io

    client, bucket = at.client(), at.name("bucket")
    if not client.bucket_exists(bucket):
        client.make_bucket(bucket)
    client.put_object(bucket, str(uuid.uuid4()), io.BytesIO(b"x"), 1)
    return len(list(client.list_objects(bucket)))


def _clean_s3(at: S3Server) -> None:
    client = at.client()
    for bucket in client.list_buckets():
        for each in client.list_objects(bucket.name, recursive=True):
            client.remove_object(bucket.name, str(each.object_name))
        client.remove_bucket(bucket.name)


def _once_kafka(at: KafkaServer) -> int:
    return consume(at, at.name("x")) + 1


def _clean_kafka(at: KafkaServer) -> None:
    client = at.client()  # held: with it would end what it was asked for
    for gone in client.delete_topics(["x"], operation_timeout=10).values():
        gone.result()


_ONCE: Mapping[str, Callable[[Any], int]] = {
    "redis": _once_redis,
    "clickhouse": _once_clickhouse,
    "mysql": _once_mysql,
    "s3": _once_s3,
    "kafka": _once_kafka,
}
_CLEAN: Mapping[str, Callable[[Any], None]] = {
    "redis": _clean_redis,
    "clickhouse": _clean_clickhouse,
    "mysql": _clean_mysql,
    "s3": _clean_s3,
    "kafka": _clean_kafka,
}
