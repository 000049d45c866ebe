"""The disk is full while a server is used: the client has its error soon, its log says why."""

import io
import re
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from pkg.dockertest import Scope, Server, Service
from pkg.dockertest.clickhouse import ClickHouse, ClickHouseServer
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.dockertest.mysql import MySQL, MySQLServer
from pkg.dockertest.redis import Redis, RedisServer
from pkg.dockertest.s3 import S3, S3Server
from pkg.testutil import eventually

SIZE = 500_000  # bytes
ROWS = 40
DELIVERY_MS = 3000

FULL = "(?i)no space left on device"


def save(redis: RedisServer) -> None:
    with redis.client() as client:
        client.save()


def put(s3: S3Server) -> None:
    s3.client().put_object("files", "x", io.BytesIO(b"x" * SIZE), SIZE)


def insert(mysql: MySQLServer) -> None:
    with closing(mysql.client()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE files (content LONGBLOB)")
        # It makes room of what it began and could not end: the first rows may still fit.
        for _ in range(ROWS):
            cursor.execute("INSERT INTO files VALUES (%s)", [b"x" * SIZE])
            connection.commit()  # type: ignore[no-untyped-call]


def create(clickhouse: ClickHouseServer) -> None:
    with clickhouse.client() as client:
        client.execute("CREATE TABLE t (x String) ENGINE = MergeTree ORDER BY x")


def produce(kafka: KafkaServer) -> None:
    from confluent_kafka import KafkaError, Producer

    outcome: list[str] = []

    def delivered(error: KafkaError | None, _record: object) -> None:
        outcome.append(error.name() if error else "")

    producer = Producer({**kafka.config, "message.timeout.ms": DELIVERY_MS, "log_level": 0})
    producer.produce("files", b"x" * SIZE, on_delivery=delivered)
    producer.flush(2 * DELIVERY_MS / 1000)
    if outcome != [""]:
        raise TimeoutError(f"not delivered: {outcome}")


@pytest.mark.parametrize(
    ("service", "write", "refusal", "logged", "ended"),
    [
        # What it could not save is an error of the server's without words.
        (Redis(), save, None, FULL, None),
        # It knows from time to time how much is free, and has nothing to log then.
        (S3(buckets=["files"]), put, "XMinioStorageFull", "", None),
        (ClickHouse(), create, FULL, FULL, None),
        # Neither goes on without its own log.
        (MySQL(), insert, "(?i)lost connection|gone away|is full", FULL, "code 2"),
        (Kafka(), produce, "_MSG_TIMED_OUT", FULL, "code 1"),
    ],
    ids=["redis", "s3", "clickhouse", "mysql", "kafka"],
)
def test_it_is_said_by_the_server(
    dockertest: Scope,
    service: Service[Any],
    write: Callable[[Any], None],
    refusal: str | None,
    logged: str,
    ended: str | None,
) -> None:
    """Nothing hangs, and how it ended can be asked for if it did."""
    server: Server = dockertest.start(service)
    filled = server.container.exec(["sh", "-c", "cat /dev/zero > /data/filling"])
    assert "No space left on device" in filled.stderr
    with pytest.raises(Exception, match=refusal):
        write(server)
    eventually(lambda: server.container.ended() == ended)

    def is_logged() -> None:
        assert re.search(logged, server.container.logs())

    eventually(is_logged)
