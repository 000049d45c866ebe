"""A harness with all five services, a client of each: made ahead, on tenants, and cold."""

import time
from collections.abc import Callable

from benchmarks.libs.row import Row
from pkg.dockertest import Scope, ahead, slots
from pkg.dockertest.clickhouse import ClickHouse
from pkg.dockertest.kafka import Kafka
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3
from pkg.dockertest.starter import Starter
from pkg.testutil import eventually
from pkg.testutil.containers import Containers
from pkg.testutil.harness import Harness, needs

_READY_SECONDS = 60.0


class Five(Harness):
    """Each of the five, and a first answer of it."""

    clickhouse = needs(ClickHouse())
    kafka = needs(Kafka(topics=["events"]))
    mysql = needs(MySQL())
    redis = needs(Redis())
    s3 = needs(S3(buckets=["objects"]))

    def open(self) -> None:
        """Asks each server something."""
        self.enter(self.clickhouse.client()).execute("SELECT 1")
        self.closing(self.mysql.client()).ping()
        self.closing(self.redis.client()).ping()
        self.kafka.client()
        self.s3.client().bucket_exists(self.s3.name("objects"))


def rows(rounds: int) -> list[Row]:
    """Milliseconds until a test has all."""
    return [
        Row("harness: all five, made ahead", _measured(Scope, rounds, _have_ahead), "ms", 150),
        Row("harness: all five, tenants", _measured(Containers, rounds, lambda: None), "ms", 150),
        Row("harness: all five, cold", _measured(Scope, rounds, _have_nothing), "ms", 2500),
    ]


def _measured(
    servers: Callable[[], Starter], rounds: int, before: Callable[[], object]
) -> list[float]:
    found = []
    for number in range(rounds + 1):
        before()
        began = time.perf_counter()
        with servers() as starter, Five(starter):
            if number:  # the first round imports the clients, and starts the shared containers
                found.append((time.perf_counter() - began) * 1000)
    _have_nothing()
    return found


def _have_ahead() -> None:
    ahead.stock.want(list(Five.declared().values()))
    eventually(
        lambda: all(wish.lease.done() for wish in ahead.stock._wishes), within=_READY_SECONDS
    )


def _have_nothing() -> None:
    ahead.stock.close()
    slots.idle.close()
