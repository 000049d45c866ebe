"""Cold start of every service: a new container until the first real client operation.

What that is, service by service, is in FIRST; where there is nothing else to measure, it is what
`start` itself waits for. `all` starts all services side by side and waits for all of them.
"""

import argparse
import os
import socket
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import figures
from pkg.dockertest import Scope, Service, engine
from pkg.dockertest.clickhouse import ClickHouse
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.dockertest.mysql import MySQL
from pkg.dockertest.redis import Redis
from pkg.dockertest.s3 import S3

SERVICES: Mapping[str, Callable[..., Service[Any]]] = {
    "redis": Redis,
    "clickhouse": ClickHouse,
    "mysql": MySQL,
    "s3": S3,
    "kafka": Kafka,
}


def consume_through_a_group(server: KafkaServer) -> None:
    """One record, produced and consumed through a consumer group that is new."""
    from confluent_kafka import Consumer, Producer

    topic = f"benchmark-{uuid.uuid4()}"
    producer = Producer(server.config)
    producer.produce(topic, b"record")
    producer.flush(30)
    settings = {"group.id": topic, "auto.offset.reset": "earliest"}
    consumer = Consumer({**server.config, **settings})
    try:
        consumer.subscribe([topic])
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            message = consumer.poll(1.0)
            if message is not None and not message.error():
                return
        sys.exit("kafka: the record was not consumed within 30 s")
    finally:
        consumer.close()


# What comes after `start` until a service has done its first real work.
FIRST: Mapping[str, Callable[[Any], None]] = {"kafka": consume_through_a_group}


def settle() -> None:
    """Waits until the engine has removed what was measured before: that is work, too."""
    mine = f"berth.owner={socket.gethostname()}:{os.getpid()}"
    at = engine.connect()
    while at.containers(mine):
        time.sleep(0.05)


def one(name: str) -> float:
    """Milliseconds of one service's cold start."""
    settle()
    began = time.perf_counter()
    with Scope() as scope:
        server = scope.start(SERVICES[name](new_container=True))
        FIRST.get(name, lambda _server: None)(server)
        return (time.perf_counter() - began) * 1000


def side_by_side() -> float:
    """Milliseconds until all services are ready, started in one call."""
    settle()
    began = time.perf_counter()
    with Scope() as scope:
        redis, clickhouse, mysql, s3, kafka = (
            make(new_container=True) for make in SERVICES.values()
        )
        scope.start(redis, clickhouse, mysql, s3, kafka)
        return (time.perf_counter() - began) * 1000


def main(arguments: Sequence[str]) -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=11, help="at least 7 (default: 11)")
    figures.add_out(parser)
    options = parser.parse_args(arguments)
    rounds = options.rounds
    if rounds < 7:
        parser.error(f"--rounds {rounds}: at least 7")
    measured: dict[str, list[float]] = {name: [] for name in [*SERVICES, "all"]}
    for number in range(rounds + 1):
        for name in SERVICES:
            taken = one(name)
            if number:  # the first round warms up
                measured[name].append(taken)
        taken = side_by_side()
        if number:
            measured["all"].append(taken)
    print(f"{rounds} rounds, milliseconds: median (quartiles)")
    for name, values in measured.items():
        print(f"{name:<12} {figures.spread(values)}")
    figures.write(options.out, "services", {"milliseconds": measured})


if __name__ == "__main__":
    main(sys.argv[1:])
