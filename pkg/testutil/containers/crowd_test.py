"""One of a crowd of test processes on the same shared servers: each finds its own part, and no
trace of the others. Run many at a time: `--runs_per_test=10` on the manual targets."""

import uuid
from typing import Any

import pytest

from pkg.dockertest import Service
from pkg.dockertest.clickhouse import ClickHouse
from pkg.dockertest.kafka import Kafka
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3
from pkg.testutil import usable
from pkg.testutil.containers import Containers
from pkg.testutil.containers.__main__ import services


def test_five_parts_are_empty_and_ones_own(containers: Containers) -> None:
    """What this test writes is all that is there, under names that all in the crowd use."""
    redis, mysql, clickhouse = containers.start(Redis(), MySQL(), ClickHouse())
    s3, kafka = containers.start(S3(buckets=["crowd"]), Kafka(topics=["crowd"]))
    mine = uuid.uuid4().hex

    key = redis.name("crowd")
    assert redis.client().set(key, mine, nx=True)
    assert redis.client().get(key) == mine.encode()

    cursor = mysql.client().cursor()
    cursor.execute("CREATE TABLE crowd (one CHAR(32))")
    cursor.execute("INSERT INTO crowd VALUES (%s)", (mine,))
    cursor.execute("SELECT one FROM crowd")
    assert cursor.fetchall() == ((mine,),)

    table = clickhouse.client()
    table.execute("CREATE TABLE crowd (one String) ENGINE = Memory")
    table.execute("INSERT INTO crowd VALUES", [(mine,)])
    assert table.execute("SELECT one FROM crowd") == [(mine,)]

    assert not list(s3.client().list_objects(s3.name("crowd")))
    assert list(kafka.client().list_topics().topics) == [kafka.name("crowd")]


@pytest.mark.parametrize("service", services(), ids=lambda one: one.service)
def test_a_whole_server_is_as_it_was_found(containers: Containers, service: Service[Any]) -> None:
    """Of a crowd one at a time has it; nothing of the others' looks like a leak."""
    usable(service, containers.raw(service))
