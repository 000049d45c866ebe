"""Events that librdkafka has: which are under way, which are tried again, which are refused."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from pkg.clock import Clock
from pkg.eventstream.buffer import Record, Segment

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 30.0
# The record's own fault, or that of others in its batch: it is tried with fewer, then alone.
_ITS_OWN = {
    KafkaError.INVALID_RECORD,
    KafkaError.INVALID_TIMESTAMP,
    KafkaError.MSG_SIZE_TOO_LARGE,
}
# What was purged, because a producer ends or begins anew.
_GIVEN_UP = {KafkaError._PURGE_INFLIGHT, KafkaError._PURGE_QUEUE}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Refused:
    """An event that the broker will never take.

    Attributes:
        topic: its name on the broker.
        reason: Kafka's name for it, such as MSG_SIZE_TOO_LARGE.
    """

    topic: str
    key: bytes | None
    value: bytes
    reason: str


class Chunk:
    """Some events that stand one after another in a file.

    Attributes:
        end: the offset behind them.
        count: how many there are.
        left: how many are not done yet.
        under_way: how many of those librdkafka has.
    """

    def __init__(self, segment: Segment, records: Sequence[Record], retries: "Retries") -> None:
        self.segment = segment
        self.end = segment.given
        self.count = self.left = len(records)
        self.under_way = 0
        self._records = records
        self._retries = retries

    def send(self, client: Producer) -> None:
        """Gives all to librdkafka."""
        by_topic: defaultdict[bytes, list[dict[str, Any]]] = defaultdict(list)
        for topic, key, value, _, _ in self._records:
            by_topic[topic].append(
                {"value": value} if key is None else {"value": value, "key": key}
            )
        self._records = ()
        for topic, messages in by_topic.items():
            self.give(client, topic.decode(), messages)

    def give(self, client: Producer, topic: str, messages: list[dict[str, Any]]) -> None:
        """Gives some of them to librdkafka."""
        self.under_way += len(messages)
        taken = client.produce_batch(topic, messages, on_delivery=self._delivered)
        if taken < len(messages):
            for one in messages:
                if (error := one.pop("_error", None)) is not None:
                    self._failed(error, topic, one)

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            self.under_way -= 1
            self.left -= 1
            return
        again = _message(message.key(), message.value())
        self._failed(error, message.topic() or "", again)

    def _failed(self, error: KafkaError, topic: str, message: dict[str, Any]) -> None:
        self.under_way -= 1
        if error.code() in _GIVEN_UP:
            return  # the file has it
        self._retries.add(self, error, topic, message)


def _message(key: bytes | None, value: bytes | None) -> dict[str, Any]:
    return {"value": value} if key is None else {"value": value, "key": key}


class Retries:
    """Events that librdkafka has given back."""

    def __init__(self, clock: Clock, refused: Callable[[Refused], None]) -> None:
        self._clock = clock
        self._refused = refused
        self._waiting: list[Callable[[Producer], None]] = []
        self._together = 0  # how many are under way
        self._most = 0  # how many may be together; 0: all
        self._halve = False
        self._pause = 0.0
        self._at = 0.0

    def __bool__(self) -> bool:
        """Whether nothing new shall be sent."""
        return bool(self._waiting or self._together)

    def add(self, chunk: Chunk, error: KafkaError, topic: str, message: dict[str, Any]) -> None:
        """Notes an event to be sent again, or has it refused."""
        is_its_own = error.code() in _ITS_OWN
        if is_its_own and self._together == 1:
            key, value = message.get("key"), message["value"]
            if self._is_refused(Refused(topic, key, value, error.name())):
                chunk.left -= 1
                return
        self._wait(topic, error, is_its_own and self._together != 1)
        self._halve = self._halve or is_its_own
        self._waiting.append(partial(chunk.give, topic=topic, messages=[message]))

    def send(self, client: Producer) -> None:
        """Sends them again if it is time. Nothing is under way when it is called."""
        self._together = 0
        if not self._waiting:
            self._most = 0
        elif self._clock.monotonic() >= self._at:
            if self._halve:
                self._halve = False
                self._most = max(1, (self._most or len(self._waiting)) // 2)
            size = self._most or len(self._waiting)
            now, self._waiting = self._waiting[:size], self._waiting[size:]
            self._together = len(now)
            for give in now:
                give(client)

    def succeeded(self) -> None:
        """Notes that the broker takes events: the next pause is a short one again."""
        self._pause = 0.0

    def clear(self) -> None:
        """Forgets all."""
        self._waiting.clear()
        self._together = self._most = 0
        self._halve = False

    def _wait(self, topic: str, error: KafkaError, at_once: bool) -> None:
        now = self._clock.monotonic()
        if self._at > now:
            return
        if not at_once:
            self._pause = min(max(2 * self._pause, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
            self._at = now + self._pause
        _log.warning("eventstream: events of %s are sent again: %s", topic, error.name())

    def _is_refused(self, event: Refused) -> bool:
        try:
            self._refused(event)
        except Exception:
            _log.exception("eventstream: what was given for refused events has failed")
            return False
        return True
