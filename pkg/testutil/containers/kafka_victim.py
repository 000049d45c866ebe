"""A tenant of Kafka that is in the middle of its work, and how it is looked at."""

import base64
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition

from pkg.dockertest.kafka import KafkaServer
from pkg.testutil.containers.kafka_clients import QUIET
from pkg.testutil.containers.kafka_messages import Target
from pkg.testutil.containers.tenants import kafka_stock
from pkg.testutil.containers.tenants.kafka_admin import Admin
from pkg.testutil.containers.tenants.kafka_wire import Connection, Raw

SECRET = "victims-secret"
_SECONDS = 2.0  # the broker answers, or never: one of its refusals is not sent
_TRANSACTION = (2, str, str, 4, 8, 8, 2, [(str, [4])])


@contextlib.contextmanager
def session(server: KafkaServer) -> Iterator[Connection]:
    """A connection of a tenant's, or of the administrator."""
    connection = Connection(server.host, server.port, _SECONDS)
    with contextlib.closing(connection):
        if server.mechanism == "PLAIN":
            connection.login(server.user, server.password)
        else:
            login(connection, server.user, server.password)
        yield connection


def login(connection: Connection, user: str, password: str) -> None:
    """Authenticates by SCRAM-SHA-256. https://datatracker.ietf.org/doc/html/rfc5802

    Raises:
        PermissionError: the broker refuses it.
    """
    connection.handshake("SCRAM-SHA-256")
    first = f"n={user},r={secrets.token_hex(16)}"
    answer = connection.authenticate(f"n,,{first}".encode()).decode()
    told = dict(part.split("=", 1) for part in answer.split(","))
    salted = hashlib.pbkdf2_hmac(
        "sha256", password.encode(), base64.b64decode(told["s"]), int(told["i"])
    )
    key = hmac.digest(salted, b"Client Key", "sha256")
    last = f"c=biws,r={told['r']}"
    signed = f"{first},{answer},{last}".encode()
    signature = hmac.digest(hashlib.sha256(key).digest(), signed, "sha256")
    proof = bytes(one ^ other for one, other in zip(key, signature, strict=True))
    connection.authenticate(f"{last},p={base64.b64encode(proof).decode()}".encode())


@contextlib.contextmanager
def at_work(server: KafkaServer, admin: Admin) -> Iterator[Target]:
    """A tenant that consumes in a group, and has begun a transaction."""
    topic, group, transaction = (server.name(one) for one in ("vault", "readers", "ledger"))
    config = {**server.config, **QUIET}
    producer = Producer(config)
    producer.produce(topic, SECRET, key=SECRET)
    assert producer.flush(10) == 0
    ledger = Producer(
        {**config, "transactional.id": transaction, "transaction.timeout.ms": 300_000}
    )
    consumer = Consumer({**config, "group.id": group, "auto.offset.reset": "earliest"})
    with contextlib.closing(consumer):
        ledger.init_transactions(30)
        ledger.begin_transaction()
        ledger.produce(topic, SECRET)
        assert ledger.flush(10) == 0
        consumer.subscribe([topic])
        assert consumer.poll(10)
        consumer.commit(offsets=[TopicPartition(topic, 0, 1, SECRET)], asynchronous=False)
        yield target(admin, server.user, topic, group, transaction)


def target(admin: Admin, user: str, topic: str, group: str, transaction: str) -> Target:
    """What an attacker could know of it, at best."""
    [(member, _)] = admin.members(group, "classic")
    *_, producer_id, epoch, _ = described(admin, transaction)
    return Target(
        user, topic, topic_id(admin, topic), group, member, transaction, producer_id, epoch
    )


def state(admin: Admin, target: Target) -> dict[str, Any]:
    """All that a tenant has, as the broker describes it."""
    about = kafka_stock.stock(admin, lambda name: name.partition("-")[0] == target.user)
    about["members"] = admin.members(target.group, "classic")
    about["topic"] = topic_id(admin, target.topic)
    about["transaction"] = described(admin, target.transaction)
    return about


def topic_id(admin: Admin, topic: str) -> bytes:
    """What the broker knows a topic by."""
    asked = [(Raw(bytes(16)), topic)]
    form = (4, [(4, str, 4, str)], str, 4, [(2, str, 16, 1, [(2, 4, 4, 4, [4], [4], [4])], 4)])
    [(_, _, id, *_)] = admin.ask(3, 12, (asked, False, False), form)[4]
    return int(id).to_bytes(16, "big", signed=True)


def described(admin: Admin, transaction: str) -> tuple[Any, ...]:
    """What the broker tells of a transaction."""
    [about] = admin.ask(65, 0, ([transaction],), (4, [_TRANSACTION]))[1]
    assert isinstance(about, tuple)
    return about
