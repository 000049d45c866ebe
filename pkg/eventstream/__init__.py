"""Events through Kafka: typed topics, publishing that never waits, consuming at least once."""

from pkg.eventstream.buffer import Limits
from pkg.eventstream.codec import Json
from pkg.eventstream.consumer import Bad, Consumer, ConsumerStats
from pkg.eventstream.errors import (
    BadEvent,
    BufferFull,
    Closed,
    ConsumerFailed,
    EventstreamError,
    FolderUnusable,
    TooLarge,
)
from pkg.eventstream.flight import Refused
from pkg.eventstream.producer import Producer, ProducerStats
from pkg.eventstream.topic import Codec, Identified, Topic

__all__ = [
    "Bad",
    "BadEvent",
    "BufferFull",
    "Closed",
    "Codec",
    "Consumer",
    "ConsumerFailed",
    "ConsumerStats",
    "EventstreamError",
    "FolderUnusable",
    "Identified",
    "Json",
    "Limits",
    "Producer",
    "ProducerStats",
    "Refused",
    "TooLarge",
    "Topic",
]
