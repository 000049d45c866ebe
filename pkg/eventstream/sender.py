"""The thread that takes events from the buffer to the broker."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import confluent_kafka as kafka
from confluent_kafka import KafkaError

from pkg.clock import Clock
from pkg.eventstream.buffer import Buffer
from pkg.eventstream.flight import Chunk, Refused, Retries
from pkg.eventstream.reach import Reach

# How much librdkafka has at a time: what is in its memory, too.
_WINDOW_CHUNKS = 32
_CHUNK_BYTES = 256 << 10
_POLL_SECONDS = 0.02  # how long librdkafka is waited for before the buffer is looked at again
_IDLE_SECONDS = 1.0
_PAUSE_SECONDS = 1.0  # after an error that nobody expects

_DEFAULTS: Mapping[str, Any] = {
    "linger.ms": 5,
    # Where more may be, librdkafka asks all the time whether the next may be, on a processor of its
    # own; and what waits for one request's end goes in the next, which is larger.
    "max.in.flight": 1,
    "compression.type": "lz4",
    "log_level": 0,  # on stderr; what matters comes as errors, and is logged
    "reconnect.backoff.ms": 50,
    "reconnect.backoff.max.ms": 1000,
}
# What the promises need: whatever else is given for them is overridden.
_FIXED: Mapping[str, Any] = {
    "acks": "all",
    "enable.idempotence": True,
    "message.timeout.ms": 0,  # an outage ends nothing
    "queue.buffering.max.messages": 1_000_000,
    "queue.buffering.max.kbytes": 1 << 20,
}

_log = logging.getLogger(__name__)


class Sender:
    """Sends what is in a buffer, until it is stopped.

    Args:
        refused: gets what the broker will never take.

    Raises:
        ValueError: the configuration is none.
    """

    def __init__(
        self,
        buffer: Buffer,
        config: Mapping[str, Any],
        *,
        clock: Clock,
        refused: Callable[[Refused], None],
    ) -> None:
        self.sent = 0
        self._buffer = buffer
        self._clock = clock
        self._config = {**_DEFAULTS, **config, **_FIXED, "error_cb": self._on_error}
        self._chunks: deque[Chunk] = deque()
        self._retries = Retries(clock, refused)
        self._is_failed = False
        self._reach = Reach(_log, "events wait")
        self._ends_at: float | None = None
        self._stopping = clock.event()
        self._client = self._connect()
        self._thread = threading.Thread(target=self._run, name="eventstream", daemon=True)

    def start(self) -> None:
        """Begins to send."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Sends what there is, for so many seconds at most, and ends."""
        self._ends_at = self._clock.monotonic() + seconds
        self._buffer.refuse("the producer was closed")
        self._stopping.set()
        self._thread.join()

    def _connect(self) -> kafka.Producer:
        try:
            return kafka.Producer(self._config)
        except kafka.KafkaException as error:
            raise ValueError(f"eventstream: the producer's config: {error.args[0]}") from error

    def _run(self) -> None:
        while not self._is_over():
            try:
                self._round()
            except Exception:
                _log.exception("eventstream: the sender begins anew after an error")
                self._is_failed = True
                if self._stopping.wait(_PAUSE_SECONDS):
                    break  # what is left is the next one's
        self._client.purge()
        self._client.poll(0)
        self._client.close()

    def _is_over(self) -> bool:
        if self._ends_at is None:
            return False
        is_done = not self._chunks and not self._buffer.has_more()
        return is_done or self._clock.monotonic() >= self._ends_at

    def _round(self) -> None:
        if self._is_failed:
            self._begin_anew()
        self._buffer.tend()
        has_new = self._fill()
        self._client.poll(0 if has_new or not self._chunks else _POLL_SECONDS)
        self._advance()
        if self._is_failed:
            return
        if not has_new and not self._chunks:
            self._buffer.wait(_IDLE_SECONDS)
        elif self._retries and not any(chunk.under_way for chunk in self._chunks):
            self._retries.send(self._client)

    def _fill(self) -> bool:
        """Gives librdkafka more, if there is more and it has not enough."""
        if len(self._chunks) >= _WINDOW_CHUNKS or self._retries:
            return False
        given = self._buffer.give(_CHUNK_BYTES)
        if given is None:
            return False
        chunk = Chunk(given[0], given[1], self._retries)
        self._chunks.append(chunk)
        chunk.send(self._client)
        return True

    def _advance(self) -> None:
        while self._chunks and not self._chunks[0].left:
            chunk = self._chunks.popleft()
            self._buffer.acknowledge(chunk.segment, chunk.end)
            self.sent += chunk.count
            self._retries.succeeded()
            self._reach.found()

    def _begin_anew(self) -> None:
        """With a new client, from the first event that was not acknowledged."""
        self._chunks.clear()
        self._retries.clear()
        self._client.purge()
        self._client = self._connect()
        self._buffer.give_again()
        self._is_failed = False

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal():
            _log.error("eventstream: the client has failed (%s), on with a new one", error.name())
            self._is_failed = True
        else:
            self._reach.lost(error)
