"""How a request to a Kafka broker is written that is tried against a tenant."""

import struct
from dataclasses import dataclass
from typing import Any, NamedTuple

from pkg.testutil.containers.tenants.kafka_wire import Raw, number


@dataclass(frozen=True)
class Target:
    """Names of a tenant's things, and of what it is doing."""

    user: str
    topic: str
    topic_id: bytes
    group: str
    member: str
    transaction: str
    producer_id: int
    epoch: int
    log_dir: str = "/data/kafka"


def _crc32c(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def _batch() -> bytes:
    """One record, as it is stored. https://kafka.apache.org/documentation/#recordbatch"""
    record = bytes([14, 0, 0, 0, 1, 2]) + b"x\0"
    counted = struct.pack(">hiqqqhii", 0, 0, 0, 0, -1, -1, -1, 1) + record
    head = struct.pack(">ibI", -1, 2, _crc32c(counted))
    return struct.pack(">qi", 0, len(head + counted)) + head + counted


RECORD = _batch()


class Attack(NamedTuple):
    """A request, in a version of the broker's.

    Attributes:
        harmless: the body for an administrator, whose request would reach other tests.
    """

    version: int
    body: Any
    is_flexible: bool = True
    harmless: Any = None


def i8(value: int) -> Raw:
    """A number, as Kafka's definitions call it."""
    return number(value, 1)


def i16(value: int) -> Raw:
    """A number, as Kafka's definitions call it."""
    return number(value, 2)


def i32(value: int) -> Raw:
    """A number, as Kafka's definitions call it."""
    return number(value, 4)


def i64(value: int) -> Raw:
    """A number, as Kafka's definitions call it."""
    return number(value, 8)
