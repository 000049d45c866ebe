"""The producer: what a caller has of it all."""

import logging
import os
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pkg.clock import Clock
from pkg.eventstream.buffer import Buffer, Limits
from pkg.eventstream.flight import Refused
from pkg.eventstream.sender import Sender
from pkg.eventstream.topic import Identified, Topic

_CLOSE_SECONDS = 10.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ProducerStats:
    """What a producer has met so far.

    Attributes:
        published: events that it took.
        sent: events that the broker has acknowledged, or refused; adopted ones, too.
        turned_away: events for which the buffer had no room.
        refused: events that the broker will never take.
        adopted: events of processes that had ended, taken over.
        damaged: places in their files where something damaged stood.
        waiting_bytes: of events that are not acknowledged.
        oldest_seconds: how old the oldest of those is.
    """

    published: int
    sent: int
    turned_away: int
    refused: int
    adopted: int
    damaged: int
    waiting_bytes: int
    oldest_seconds: float


class Producer:
    """Publishes events, through a buffer on the disk. Usable from several threads.

    `publish` never waits for the broker. What it has taken is sent at least once, also when this
    process is killed: then by the next one that has a producer with the same folder.

    Args:
        folder: of the buffer, on a local disk. Processes of one host may share it.
        config: for confluent-kafka's Producer.
        clock: tells when events are published; background work waits by it.
        prefix: comes before every topic's name.
        limits: how large the buffer may become.
        on_refused: gets events that the broker will never take; they are logged in any case, but
            for their content. Called in the background; where it raises, it is called again later.

    Raises:
        FolderUnusable: the folder can't be used.
        ValueError: the config is none.
    """

    def __init__(
        self,
        folder: Path,
        config: Mapping[str, Any],
        *,
        clock: Clock,
        prefix: str = "",
        limits: Limits | None = None,
        on_refused: Callable[[Refused], None] | None = None,
    ) -> None:
        self._prefix = prefix
        self._names: dict[str, bytes] = {}
        self._on_refused = on_refused
        self._refused = 0
        self._closing = threading.Lock()
        self._is_closed = False
        self._buffer = Buffer(folder, clock=clock, limits=limits or Limits())
        try:
            self._sender = Sender(self._buffer, config, clock=clock, refused=self._note)
        except BaseException:
            self._buffer.close()
            raise
        self._sender.start()
        _forget_in_children(self._buffer)

    def publish[E: Identified](self, topic: Topic[E], event: E) -> None:
        """Takes an event: from now on, no end of this process loses it.

        The end of the machine may, until `sync`.

        Raises:
            BufferFull: too much waits for the broker, or the disk is full or hangs.
            Closed: the producer was closed.
            TooLarge: the event is larger than `limits` has it.
            Exception: what the topic's codec or key raises.
        """
        self._buffer.append(*self._encoded(topic, event))

    def offer[E: Identified](self, topic: Topic[E], event: E) -> bool:
        """Takes an event as `publish` does, or returns False where that would wait for the disk.

        Raises:
            Closed, TooLarge, Exception: as `publish`.
        """
        return self._buffer.offer(*self._encoded(topic, event))

    def sync(self) -> None:
        """Returns once no end of the machine loses what was published before."""
        self._buffer.sync()

    @property
    def stats(self) -> ProducerStats:
        """What the producer has met so far."""
        counts = self._buffer.counts
        return ProducerStats(
            published=counts.added,
            sent=self._sender.sent,
            turned_away=counts.turned_away,
            refused=self._refused,
            adopted=counts.adopted,
            damaged=self._buffer.shelf.damaged,
            waiting_bytes=self._buffer.waiting_bytes(),
            oldest_seconds=self._buffer.oldest_seconds(),
        )

    def close(self, seconds: float = _CLOSE_SECONDS) -> bool:
        """Sends what there is, for so many seconds at most; the rest waits for the next process.

        Returns:
            whether all was sent.
        """
        if self._buffer.is_forgotten:
            return False  # the parent's
        with self._closing:
            if not self._is_closed:
                self._is_closed = True
                self._sender.stop(seconds)
                self._buffer.close()
        return not self._buffer.left_bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _encoded[E: Identified](
        self, topic: Topic[E], event: E
    ) -> tuple[bytes, bytes | None, bytes]:
        name = self._names.get(topic.name)
        if name is None:
            name = self._names[topic.name] = f"{self._prefix}{topic.name}".encode()
        key = topic.key(event).encode() if topic.key else None
        return name, key, topic.codec.encode(event)

    def _note(self, event: Refused) -> None:
        if self._on_refused is not None:
            self._on_refused(event)
        self._refused += 1
        _log.error(
            "eventstream: the broker refuses an event of %s, %d bytes: %s",
            event.topic,
            len(event.value),
            event.reason,
        )


def _forget_in_children(buffer: Buffer) -> None:
    """A forked child must not write to its parent's files, nor keep their lock."""
    known = weakref.ref(buffer)

    def forget() -> None:
        if (found := known()) is not None:
            found.forget()

    os.register_at_fork(after_in_child=forget)
