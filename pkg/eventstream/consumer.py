"""The consumer: batches of events, each handled at least once."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import confluent_kafka as kafka
from confluent_kafka import Message, TopicPartition

from pkg.clock import Clock
from pkg.eventstream.errors import Closed, ConsumerFailed
from pkg.eventstream.reach import Reach
from pkg.eventstream.topic import Identified, Topic

_BATCH = 1000
_WAIT_SECONDS = 0.1
_FIRST_PAUSE_SECONDS = 0.1
# Well below max.poll.interval.ms: while it is waited for, the group is not told of this member.
_LONGEST_PAUSE_SECONDS = 10.0
_LEAVE_SECONDS = 5.0
_PAUSE_SECONDS = 1.0  # after an error that nobody expects

_DEFAULTS: Mapping[str, Any] = {
    "auto.offset.reset": "earliest",
    "log_level": 0,  # on stderr; what matters comes as errors, and is logged
    "partition.assignment.strategy": "cooperative-sticky",
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 1000,
}
# Offsets are stored when a batch was handled, and committed every so often and at the end.
_FIXED: Mapping[str, Any] = {
    "auto.commit.interval.ms": 500,
    "enable.auto.commit": True,
    "enable.auto.offset.store": False,
    "enable.partition.eof": False,
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bad:
    """A record that is no event of its topic.

    Attributes:
        topic: its name on the broker; with partition and offset, where it stands.
        reason: what the codec has said.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    reason: str


@dataclass(frozen=True)
class ConsumerStats:
    """What a consumer has met so far.

    Attributes:
        handled: events whose handler has returned.
        failed: batches whose handler has raised; each came again.
        bad: records that are no events.
    """

    handled: int = 0
    failed: int = 0
    bad: int = 0


class Consumer[E: Identified]:
    """Hands a topic's events to a handler, in batches, as a member of a group.

    An event comes again where its handler has raised, and where a member of the group ends or is
    cut off before the group knows that the event was handled: half a second later at most. So what
    handles it must be idempotent, by the event's id. Events of one partition come in their order.

    Args:
        topic: whose events.
        config: for confluent-kafka's Consumer.
        group: shares the topic's partitions among its members; a new one begins with the oldest
            events.
        clock: what waits after a failure waits by it.
        prefix: comes before the names of the topic and the group.
        batch: the most events at a time.
        wait: seconds of real time after which a batch that is not full is handed over.
        on_bad: gets records that are no events; they are logged in any case, but for their content.
            Where it raises, they come again.

    Raises:
        ValueError: the config is none.
    """

    def __init__(
        self,
        topic: Topic[E],
        config: Mapping[str, Any],
        *,
        group: str,
        clock: Clock,
        prefix: str = "",
        batch: int = _BATCH,
        wait: float = _WAIT_SECONDS,
        on_bad: Callable[[Bad], None] | None = None,
    ) -> None:
        self._decode = topic.codec.decode
        self._topic = f"{prefix}{topic.name}"
        self._reach = Reach(_log, f"{self._topic} is not consumed")
        self._config = {
            **_DEFAULTS,
            **config,
            **_FIXED,
            "group.id": f"{prefix}{group}",
            "error_cb": self._reach.lost,
        }
        self._clock = clock
        self._stop = clock.event()
        self._batch = batch
        self._wait = wait
        self._on_bad = on_bad or (lambda _: None)
        self._pause = 0.0
        self._stats = ConsumerStats()
        try:
            self._client: kafka.Consumer | None = kafka.Consumer(self._config)
        except kafka.KafkaException as error:
            raise ValueError(f"eventstream: the consumer's config: {error.args[0]}") from error

    @property
    def stats(self) -> ConsumerStats:
        """What the consumer has met so far."""
        return self._stats

    def run(self, handler: Callable[[Sequence[E]], None]) -> None:
        """Hands over events until `stop`, and leaves the group within five seconds. Once only.

        Where the handler raises, it is logged, and the batch comes again after a while.

        Raises:
            Closed: it has run before.
            ConsumerFailed: the group will never have it again.
        """
        client, self._client = self._client, None
        if client is None:
            raise Closed("eventstream: a consumer runs once: make a new one")
        client.subscribe([self._topic])
        try:
            while not self._stop.is_set():
                if messages := self._next(client):
                    self._handle(client, messages, handler)
        finally:
            self._leave(client)

    def stop(self) -> None:
        """Lets `run` return once the batch that is being handled is done. From any thread."""
        self._stop.set()

    def _leave(self, client: kafka.Consumer) -> None:
        # In a thread: librdkafka waits for a broker that hangs as long as it does.
        has_left = self._clock.event()

        def close() -> None:
            try:
                client.close()
            finally:
                has_left.set()

        threading.Thread(target=close, name="eventstream-leave", daemon=True).start()
        if not has_left.wait(_LEAVE_SECONDS):
            _log.warning("eventstream: the broker was not told that a member has left its group")

    def _next(self, client: kafka.Consumer) -> list[Message]:
        messages = []
        try:
            found = client.consume(self._batch, self._wait)
        except kafka.KafkaException as failed:
            self._reach.lost(failed.args[0])
            self._stop.wait(_PAUSE_SECONDS)
            return []
        for one in found:
            if (error := one.error()) is None:
                messages.append(one)
            elif error.fatal():
                raise ConsumerFailed(f"eventstream: {self._topic}: {error.str()}: start anew")
            else:
                self._reach.lost(error)
        if messages:
            self._reach.found()
        return messages

    def _handle(
        self,
        client: kafka.Consumer,
        messages: Sequence[Message],
        handler: Callable[[Sequence[E]], None],
    ) -> None:
        events, bad = self._decoded(messages)
        try:
            for record in bad:
                self._on_bad(record)
            if events:
                handler(events)
        except Exception:
            self._pause = min(max(2 * self._pause, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS)
            self._stats = replace(self._stats, failed=self._stats.failed + 1)
            _log.exception(
                "eventstream: %d records of %s come again in %g s",
                len(messages),
                self._topic,
                self._pause,
            )
            _go_back(client, messages)
            self._stop.wait(self._pause)
        else:
            self._pause = 0.0
            before = self._stats
            self._stats = replace(
                before, handled=before.handled + len(events), bad=before.bad + len(bad)
            )
            _store(client, messages)

    def _decoded(self, messages: Sequence[Message]) -> tuple[list[E], list[Bad]]:
        events: list[E] = []
        bad: list[Bad] = []
        for one in messages:
            try:
                events.append(self._decode(one.value() or b""))
            except Exception as error:
                bad.append(_bad(one, str(error)))
        return events, bad


def _log_bad(record: Bad) -> None:
    _log.error(
        "eventstream: %s, partition %d, offset %d is no event: %s",
        record.topic,
        record.partition,
        record.offset,
        record.reason,
    )


def _bad(message: Message, reason: str) -> Bad:
    topic, partition, offset = message.topic() or "", *_place(message)
    record = Bad(topic, partition, offset, message.key(), message.value(), reason)
    _log_bad(record)
    return record


def _place(message: Message) -> tuple[int, int]:
    partition, offset = message.partition(), message.offset()
    assert partition is not None
    assert offset is not None  # they come from the broker
    return partition, offset


def _store(client: kafka.Consumer, messages: Sequence[Message]) -> None:
    """Notes that they were handled, as far as their partitions are still this member's."""
    topic = messages[0].topic() or ""
    last = dict(_place(one) for one in messages)
    for partition, offset in last.items():
        with suppress(kafka.KafkaException):  # it is another member's, which handles them again
            client.store_offsets(offsets=[TopicPartition(topic, partition, offset + 1)])


def _go_back(client: kafka.Consumer, messages: Sequence[Message]) -> None:
    """Lets them come again."""
    topic = messages[0].topic() or ""
    first = dict(_place(one) for one in reversed(messages))
    for partition, offset in first.items():
        try:
            client.seek(TopicPartition(topic, partition, offset))
        except kafka.KafkaException:
            if TopicPartition(topic, partition) in client.assignment():
                # Joined anew, it goes on from what was handled.
                client.unsubscribe()
                client.subscribe([topic])
                return
            # Else it is another member's, which has them.
