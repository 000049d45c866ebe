"""A tenant of the shared Kafka reaches what is its own, and nothing else."""

import contextlib
import dataclasses
import re
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer, TopicPartition

from pkg.dockertest import engine
from pkg.dockertest.kafka import Kafka, KafkaServer
from pkg.testutil.containers import Containers, leaks
from pkg.testutil.containers.kafka_attacks import attacks, looks
from pkg.testutil.containers.kafka_clients import QUIET, admin, consumed, produce
from pkg.testutil.containers.kafka_messages import Attack, Target, i8, i32, i64
from pkg.testutil.containers.kafka_victim import SECRET, at_work, session, state
from pkg.testutil.containers.parted import Parted, process
from pkg.testutil.containers.tenants.kafka_admin import Admin
from pkg.testutil.containers.tenants.kafka_wire import decode, encode


@pytest.fixture
def whole() -> Parted:
    return process.find(engine.connect(), (Kafka(),))["kafka"]


__all__ = ["admin"]  # a fixture


@pytest.fixture
def hostile(containers: Containers) -> KafkaServer:
    return containers.start(Kafka(topics=["vault"]))


@pytest.fixture
def attacker(hostile: KafkaServer, admin: Admin) -> Iterator[Target]:
    """What the attacker has of its own."""
    with at_work(hostile, admin) as target:
        yield target


@pytest.fixture
def victim(containers: Containers, admin: Admin) -> Iterator[Target]:
    with at_work(containers.start(Kafka(topics=["vault"])), admin) as target:
        yield target


def said(server: KafkaServer, api: str, attack: Attack) -> bytes:
    """What the broker answers, on a new connection."""
    number = int(api.split()[0])
    with session(server) as connection:
        try:
            answer = connection.ask(
                number, attack.version, attack.body, flexible=attack.is_flexible
            )
        except OSError as error:
            return repr(error).encode()
    # Some refusals quote the request with its number, and how long all that is comes before it.
    return re.sub(rb"(?s)..Request Request\(.*?permission\.", b"refused", answer)


def told(attack: Attack, answer: bytes, victim: Target) -> list[bytes]:
    """What an answer has of the victim that was not in the question."""
    names = (victim.topic, victim.group, victim.transaction, victim.member, victim.user)
    known = [name.encode() for name in names]
    asked = encode(attack.body)
    for name in [*known, victim.topic_id]:
        if name in asked:
            answer = answer.replace(name, b"")
    return [one for one in (*known, victim.topic_id, SECRET.encode()) if one in answer]


def test_no_api_of_the_broker_reaches_another_tenant(
    hostile: KafkaServer, attacker: Target, victim: Target, admin: Admin, whole: Parted
) -> None:
    """Each is tried: nothing is told, nothing changes; an administrator gets another answer."""
    tried = attacks(victim, attacker)
    before, stock = state(admin, victim), leaks.stock(whole)
    answers: dict[tuple[str, int], bytes] = {}
    for api, each in [*tried.items(), *looks(victim, attacker).items()]:
        for number, attack in enumerate(each):
            answer = said(hostile, api, attack)
            assert told(attack, answer, victim) == [], f"{api}, {number}: {answer!r}"
            answers[api, number] = answer
    assert state(admin, victim) == before
    assert leaks.stock(whole) == stock
    allowed: list[str] = []
    for api, each in tried.items():
        for number, attack in enumerate(each):
            request = attack._replace(body=attack.harmless or attack.body)
            if said(whole.whole, api, request) == answers[api, number]:
                allowed.append(f"{api}, {number}: {answers[api, number]!r}")
    assert allowed == []
    assert leaks.stock(whole) == stock


def test_what_is_not_there_gets_the_same_answers(
    hostile: KafkaServer, attacker: Target, victim: Target
) -> None:
    """A tenant cannot find out names by asking for them."""
    ghost = dataclasses.replace(
        victim,
        topic=victim.topic.replace("vault", "ghost"),
        group=victim.group.replace("readers", "phantom"),
        transaction=victim.transaction.replace("ledger", "spirit"),
    )
    differing: list[str] = []
    asked, unknown = attacks(victim, attacker), attacks(ghost, attacker)
    for api, each in asked.items():
        for number, attack in enumerate(each):
            answer = said(hostile, api, unknown[api][number])
            for name in ("topic", "group", "transaction"):
                answer = answer.replace(
                    getattr(ghost, name).encode(), getattr(victim, name).encode()
                )
            if said(hostile, api, attack) != answer:
                differing.append(f"{api}, {number}: {answer!r}")
    assert differing == []


def test_a_guessed_fetch_session_tells_no_record(
    containers: Containers, hostile: KafkaServer
) -> None:
    """Kafka does not ask whose it is, but who may read its topics."""
    server = containers.start(Kafka(topics=["vault"]))
    topic = server.name("vault")
    produce(server, topic, SECRET)
    sizes = (i32(-1), i32(0), i32(1), i32(1 << 20), i8(0))
    wanted = [(topic, [(i32(0), i32(-1), i64(0), i32(-1), i64(0), i32(1 << 20))])]
    with session(server) as theirs, session(hostile) as ours:
        answer = theirs.ask(1, 12, (*sizes, i32(0), i32(0), wanted, [], ""))
        assert SECRET.encode() in answer
        number = decode(answer, (4, 2, 4))[2]
        for epoch in (1, 0, -1):
            answer = ours.ask(1, 12, (*sizes, i32(number), i32(epoch), [], [], ""))
            assert SECRET.encode() not in answer
    assert consumed_first(server, topic) == SECRET


def consumed_first(server: KafkaServer, topic: str) -> str:
    config = {**server.config, **QUIET, "group.id": server.name("g")}
    with contextlib.closing(Consumer(config)) as consumer:
        consumer.assign([TopicPartition(topic, 0, 0)])
        return consumed(consumer)


def test_every_api_is_tried(hostile: KafkaServer, attacker: Target) -> None:
    """The broker's own list is what there is."""
    with session(hostile) as connection:
        answer = connection.ask(18, 3, ("x", "1"))
    _, found = decode(answer, (2, [(2, 2, 2)]))
    known = {**attacks(attacker, attacker), **looks(attacker, attacker)}
    assert {int(api.split()[0]) for api in known} == {number for number, _, _ in found}
