"""What kafka_test.py has Kafka do: each of the requests that a server says it knows."""

import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial

from pkg.dockertest.fresh.kafka_wire import (
    Wire,
    array,
    f64,
    i8,
    i16,
    i32,
    i64,
    short_array,
    short_text,
    text,
)
from pkg.testutil import eventually
from pkg.testutil.containers.tenants.kafka_wire import Raw

# Requests by their numbers in the protocol.
# They only ask.
READING = {
    1: "Fetch",
    2: "ListOffsets",
    3: "Metadata",
    9: "OffsetFetch",
    10: "FindCoordinator",
    15: "DescribeGroups",
    16: "ListGroups",
    17: "SaslHandshake",
    18: "ApiVersions",
    23: "OffsetForLeaderEpoch",
    29: "DescribeAcls",
    32: "DescribeConfigs",
    35: "DescribeLogDirs",
    36: "SaslAuthenticate",
    41: "DescribeDelegationToken",
    46: "ListPartitionReassignments",
    48: "DescribeClientQuotas",
    50: "DescribeUserScramCredentials",
    55: "DescribeQuorum",
    60: "DescribeCluster",
    61: "DescribeProducers",
    65: "DescribeTransactions",
    66: "ListTransactions",
    69: "ConsumerGroupDescribe",
    74: "ListConfigResources",
    75: "DescribeTopicPartitions",
    77: "ShareGroupDescribe",
    84: "ReadShareGroupState",
    87: "ReadShareGroupStateSummary",
    90: "DescribeShareGroupOffsets",
}
# kafka_test.py has confluent-kafka make them.
CLIENTS = {
    0: "Produce",
    8: "OffsetCommit",
    11: "JoinGroup",
    12: "Heartbeat",
    13: "LeaveGroup",
    14: "SyncGroup",
    19: "CreateTopics",
    20: "DeleteTopics",
    21: "DeleteRecords",
    22: "InitProducerId",
    24: "AddPartitionsToTxn",
    25: "AddOffsetsToTxn",
    26: "EndTxn",
    28: "TxnOffsetCommit",
    30: "CreateAcls",
    31: "DeleteAcls",
    37: "CreatePartitions",
    42: "DeleteGroups",
    43: "ElectLeaders",
    51: "AlterUserScramCredentials",
}
TOPIC, BROKER, LOGGER, METRICS, GROUP = 2, 4, 8, 16, 32
ZERO = bytes(16)
TAGS = b"\0"
ALTER_CONFIGS, INCREMENTAL, UNREGISTER = 33, 44, 64
GROUP_CONFIGS = {"consumer.session.timeout.ms": "46000", "share.auto.offset.reset": "earliest"}
METRICS_CONFIGS = {"interval.ms": "7000", "metrics": "left", "match": "client_id=left"}
# What cannot be guessed.
_VALUES = {
    "follower.replication.throttled.replicas": "0:1",
    "leader.replication.throttled.replicas": "0:1",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "log.local.retention.bytes": "1000000",
    "log.retention.bytes": "1000000000",
    "max.connection.creation.rate": "1000",
    "max.connections": "1000",
    "max.connections.per.ip": "1000",
    "max.connections.per.ip.overrides": "127.0.0.2:7",
    "ssl.client.auth": "requested",
}
# The topic for what share groups leave is made on first use.
_NOT_YET = b"coordinator", b"does not host"
_NO_TLS = "only for a listener with TLS"
# Parameters that a server of ours does not take, and why.
UNSETTABLE = {
    "listener.security.protocol.map": "only with other listeners",
    "listeners": "it is spoken to",
    "metric.reporters": "there is no such class",
    "min.insync.replicas": "not while eligible leader replicas are a feature",
    "principal.builder.class": "there is no other class",
    "remote.storage.enable": "there is no remote storage",
    "ssl.engine.factory.class": "there is no such class",
    "ssl.key.password": _NO_TLS,
    "ssl.keystore.certificate.chain": _NO_TLS,
    "ssl.keystore.key": _NO_TLS,
    "ssl.keystore.location": _NO_TLS,
    "ssl.keystore.password": _NO_TLS,
    "ssl.keystore.type": _NO_TLS,
    "ssl.truststore.certificates": _NO_TLS,
    "ssl.truststore.location": _NO_TLS,
    "ssl.truststore.password": _NO_TLS,
    "ssl.truststore.type": _NO_TLS,
}


def alter(kind: int, name: str, key: str, value: str) -> tuple[int, int, bytes]:
    """Sets one parameter of something."""
    entry = text(key) + i8(0) + text(value)
    return INCREMENTAL, 0, array(i8(kind) + text(name) + array(entry)) + b"\0"


def older() -> Iterator[tuple[int, int, bytes]]:
    """Number, version and body of requests as they were first."""
    for name in ("left", None):
        for kind in ("user", "client-id"):
            rates = ("producer_byte_rate", "consumer_byte_rate", "request_percentage")
            ops = array(*(text(rate) + f64(1e6) + b"\0" for rate in rates))
            yield 49, 0, array(array(text(kind) + text(name)) + ops) + b"\0"
    yield (
        49,
        0,
        array(
            array(text("ip") + text(None))
            + array(text("connection_creation_rate") + f64(1e6) + b"\0")
        )
        + b"\0",
    )
    yield 34, 1, array(text("/data/kafka") + array(text("left-kept") + array(i32(0))))
    yield 38, 1, array(text("User") + text("left")) + i64(-1)
    yield 39, 1, i32(4) + b"left" + i64(1000)
    yield 40, 1, i32(4) + b"left" + i64(-1)
    yield 47, 0, text("left-deleted") + array(text("left-kept") + array(i32(0)))
    yield (
        ALTER_CONFIGS,
        0,
        array(i8(TOPIC) + text("left-plain") + array(text("flush.ms") + text("7"))) + b"\0",
    )
    for of, values in ((GROUP, GROUP_CONFIGS), (METRICS, METRICS_CONFIGS)):
        for key, value in values.items():
            yield alter(of, "left", key, value)
    yield alter(LOGGER, "1", "root", "DEBUG")


def newer(topic: bytes, cluster: str) -> Iterator[tuple[int, int, bytes]]:
    """Number, version and body of requests that have tags."""
    joined = short_text("left-new") + short_text("") + i32(0) + short_text(None) + short_text(None)
    topics = short_array(short_text("left-kept"))
    yield 68, 0, joined + i32(60000) + topics + short_text(None) + short_array() + TAGS
    for feature in ("eligible.leader.replicas.version", "transaction.version", "group.version"):
        update = short_text(feature) + i16(0) + i8(3) + TAGS
        yield 57, 1, i32(5000) + short_array(update) + b"\0" + TAGS
    for feature in ("share.version", "streams.version"):
        update = short_text(feature) + i16(1) + i8(1) + TAGS
        yield 57, 1, i32(5000) + short_array(update) + b"\0" + TAGS
    moved = short_text("left-kept") + short_array(i32(0) + short_array(i32(1)) + TAGS) + TAGS
    yield 45, 0, i32(5000) + short_array(moved) + TAGS
    marked = short_text("left-kept") + short_array(i32(0)) + TAGS
    yield 27, 1, short_array(i64(7) + i16(0) + b"\0" + short_array(marked) + i32(0) + TAGS) + TAGS
    member = short_text("left-share") + short_text("AAAAAAAAAAAAAAAAAAAAAQ")
    yield 76, 1, member + i32(0) + short_text(None) + topics + TAGS
    limits = i32(10) + i32(1) + i32(1000) + i32(10) + i32(10)
    fetched = short_array(topic + short_array(i32(0) + short_array() + TAGS) + TAGS)
    yield 78, 1, member + i32(0) + limits + fetched + short_array() + TAGS
    yield 79, 1, member + i32(1) + fetched + TAGS
    shared = short_text("left-state")
    yield (
        83,
        0,
        shared + short_array(topic + short_array(i32(0) + i32(1) + i64(0) + TAGS) + TAGS) + TAGS,
    )
    batch = i64(0) + i64(1) + i8(2) + i16(1) + TAGS
    state = i32(0) + i32(1) + i32(0) + i64(0) + short_array(batch) + TAGS
    yield 85, 0, shared + short_array(topic + short_array(state) + TAGS) + TAGS
    offset = short_array(i32(0) + i64(1) + TAGS)
    yield (
        91,
        0,
        short_text("left-offsets") + short_array(short_text("left-kept") + offset + TAGS) + TAGS,
    )
    yield 92, 0, short_text("left-none") + short_array(short_text("left-kept") + TAGS) + TAGS
    yield (
        86,
        0,
        short_text("left-none") + short_array(topic + short_array(i32(0) + TAGS) + TAGS) + TAGS,
    )
    listener = short_text("CONTROLLER") + short_text("127.0.0.1") + struct.pack(">H", 9) + TAGS
    yield 80, 0, short_text(cluster) + i32(5000) + i32(7) + ZERO + short_array(listener) + TAGS
    yield 81, 0, short_text(cluster) + i32(1) + ZERO + TAGS


def ask_all(wire: Wire, topic: bytes, cluster: str) -> set[int]:
    """Makes all of them, about a topic of this identity; returns their numbers.

    The number of `unregister` is among them, which comes last.
    """
    made = {UNREGISTER}
    for api, version, body in older():
        wire.ask(api, version, Raw(body), flexible=False)
        made.add(api)
    for api, version, body in newer(topic, cluster):
        eventually(partial(_is_answered, wire, api, version, body))
        made.add(api)
    return made


def unregister(wire: Wire) -> None:
    """Has the server told that it is no broker any more."""
    wire.ask(UNREGISTER, 0, Raw(i32(1) + TAGS))


def _is_answered(wire: Wire, api: int, version: int, body: bytes) -> bool:
    answer = wire.ask(api, version, Raw(body))
    return not any(one in answer for one in _NOT_YET)


def set_parameters(wire: Wire, kind: int, name: str, values: Mapping[str, str | None]) -> set[str]:
    """Sets each of these to something else; returns those that were not taken."""
    return {
        key
        for key, value in sorted(values.items())
        if not any(_is_set(wire, kind, name, key, one) for one in _others(key, value))
    }


def _is_set(wire: Wire, kind: int, name: str, key: str, value: str) -> bool:
    api, version, body = alter(kind, name, key, value)
    return wire.ask(api, version, Raw(body), flexible=False)[8:10] == i16(0)


def _others(key: str, value: str | None) -> Iterator[str]:
    if key in _VALUES:
        yield _VALUES[key]
    if value in ("true", "false"):
        yield "false" if value == "true" else "true"
    with suppress(ValueError):
        yield str(int(value or "") + 1)
        yield "2"
    with suppress(ValueError):
        yield str(float(value or "") * 0.75)
    yield from ("7", "gzip", "compact", "LogAppendTime", "left")
