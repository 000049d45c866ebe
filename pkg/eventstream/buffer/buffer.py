"""Events that the broker has not acknowledged, in files."""

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pkg.clock import Clock, Event
from pkg.eventstream.buffer import home, record
from pkg.eventstream.buffer.limits import Limits
from pkg.eventstream.buffer.record import Record
from pkg.eventstream.buffer.segment import Segment
from pkg.eventstream.buffer.shelf import Shelf
from pkg.eventstream.errors import BufferFull, Closed, TooLarge

# How long who publishes waits for a file that is being made: longer only where the disk hangs.
PATIENCE_SECONDS = 1.0
# How often is looked for what other processes have left, and for room on a full disk.
LOOK_SECONDS = 5.0

_log = logging.getLogger(__name__)


@dataclass
class Counts:
    """What a buffer has met so far.

    Attributes:
        added: events.
        turned_away: events for which there was no room.
        adopted: events of processes that had ended.
    """

    added: int = 0
    turned_away: int = 0
    adopted: int = 0


class Buffer:
    """Events that wait. Several threads may add; what else there is, one other thread does.

    Raises:
        FolderUnusable: the folder can't be used.
    """

    def __init__(self, root: Path, *, clock: Clock, limits: Limits) -> None:
        self.counts = Counts()
        self.left_bytes = 0  # when it was closed
        self.is_forgotten = False
        self._root = root
        self._clock = clock
        self._limits = limits
        self._lock = threading.Lock()  # of who adds
        self._spare: Segment | None = None
        self._spare_made: Event | None = None  # somebody waits for it
        self._no_room: str | None = None  # why there is no spare
        self._wake: Event | None = None  # somebody waits for events
        self._look_at = self._disk_at = 0.0
        self._closed: str | None = None
        self._was_full = False
        self.shelf = Shelf(root, limits.segment_bytes)
        try:
            self._active = self.shelf.create(self._now())
        except OSError as error:
            self.shelf.close()
            raise home.unusable(root, error) from error
        self.shelf.add(self._active)

    def append(self, topic: bytes, key: bytes | None, value: bytes) -> None:
        """Adds an event. When it returns, the end of this process does not lose it.

        Raises:
            BufferFull: there is no room, or the disk hangs.
            Closed: the buffer was closed.
            TooLarge: the event never fits.
        """
        self._check(topic, key, value)
        at = self._now()
        with self._lock:
            while not self._add(topic, key, value, at):
                self._rotate()
        self._call(self._wake)

    def offer(self, topic: bytes, key: bytes | None, value: bytes) -> bool:
        """Adds an event as `append` does, or returns False where that would wait.

        Raises:
            Closed, TooLarge: as `append`.
        """
        self._check(topic, key, value)
        at = self._now()
        # Whoever has the lock may wait for a file.
        if not self._lock.acquire(blocking=False):
            return False
        try:
            while not self._add(topic, key, value, at):
                if self._spare is None:
                    return False
                self._rotate()
        finally:
            self._lock.release()
        self._call(self._wake)
        return True

    def sync(self) -> None:
        """Returns once the machine's end would lose no event that was added before."""
        self.shelf.sync()
        for one in self.shelf.listed():
            with suppress(ValueError):  # removed meanwhile: the broker has it
                one.sync()

    def wait(self, seconds: float) -> None:
        """Waits until there is something to do, or for so many seconds."""
        self._wake = wake = self._clock.event()
        wants_spare = self._spare is None and self._no_room is None
        if not (wants_spare or self._closed or self.has_more()):
            wake.wait(seconds)
        self._wake = None

    def has_more(self) -> bool:
        """Whether there are events that were not given."""
        return any(one.given < one.end for one in self.shelf.listed())

    def give(self, size: int) -> tuple[Segment, list[Record]] | None:
        """The next events, up to so many bytes of them, and the file that they are in."""
        for one in self.shelf.listed():
            if one.given < (end := one.end):
                records = one.read(one.given, end, size)
                one.given = records[-1].end if records else end
                return one, records
        return None

    def give_again(self) -> None:
        """Gives from now on all that was not acknowledged, from the first."""
        for one in self.shelf.listed():
            one.given = one.sent

    def acknowledge(self, acknowledged: Segment, end: int) -> None:
        """Notes that the broker has all of a file before an offset."""
        acknowledged.mark_sent(end)
        self.shelf.remove_sent(keep=self._active)

    def tend(self) -> None:
        """Does what takes the disk's time: makes the next file, takes what others have left."""
        self._make_spare()
        if (now := self._clock.monotonic()) >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            # Half is for this process's own.
            for events in self.shelf.adopt(self._limits.bytes // 2 - self.shelf.bytes()):
                self.counts.adopted += events
                self._make_spare()

    def waiting_bytes(self) -> int:
        """Of events that the broker has not acknowledged."""
        return sum(one.waiting for one in self.shelf.listed())

    def oldest_seconds(self) -> float:
        """How old the oldest of them is; 0.0 where there is none."""
        with suppress(ValueError):  # removed meanwhile
            for one in self.shelf.listed():
                if (at := one.oldest()) is not None:
                    return max(0, self._now() - at) / 1000
        return 0.0

    def refuse(self, why: str) -> None:
        """Takes no more events."""
        with self._lock:
            self._closed = why
        self._call(self._wake)

    def close(self) -> None:
        """Leaves what is not acknowledged to the next process."""
        with self._lock:
            if (spare := self._spare) is not None:
                self._spare = None
                spare.remove()
            self.left_bytes = self.waiting_bytes()
            self.shelf.close()

    def forget(self) -> None:
        """In a forked child: the buffer stays its parent's alone."""
        self.is_forgotten = True
        self._lock = threading.Lock()  # another thread of the parent's may have held it
        self._closed = "the producer is that of the process before a fork: make one after it"
        self.shelf.forget()

    def _check(self, topic: bytes, key: bytes | None, value: bytes) -> None:
        key_size = len(key) if key else 0
        size = len(topic) + key_size + len(value)
        if size > self._limits.event_bytes or key_size > record.MOST_KEY_BYTES:
            raise TooLarge(
                f"eventstream: an event of {topic.decode()} has {size} bytes, {key_size} of them "
                f"its key: at most {self._limits.event_bytes} and {record.MOST_KEY_BYTES} are taken"
            )

    def _add(self, topic: bytes, key: bytes | None, value: bytes, at: int) -> bool:
        if self._closed:
            raise Closed(f"eventstream: {self._closed}: the event was not published")
        added = self._active.append(topic, key, value, at)
        self.counts.added += added
        return added

    def _rotate(self) -> None:
        if self._spare is None and self._no_room is None:
            self._spare_made = made = self._clock.event()
            if self._spare is None:  # else made just now
                self._call(self._wake)
                made.wait(PATIENCE_SECONDS)
        spare, self._spare = self._spare, None
        if spare is None:
            self.counts.turned_away += 1
            # Noted, so that nobody else waits for it, too.
            why = self._no_room or f"no new file in {self._root} for {PATIENCE_SECONDS:g} s"
            self._no_room = why
            if not self._was_full:
                self._was_full = True
                _log.error("eventstream: the buffer is full (%s): events are turned away", why)
            raise BufferFull(f"eventstream: the buffer is full: {why}: the event is not published")
        if self._was_full:
            self._was_full = False
            _log.info("eventstream: the buffer has room again")
        self._active = spare
        self.shelf.add(spare)
        self._call(self._wake)

    def _make_spare(self) -> None:
        if self._spare is not None:
            return
        if self.shelf.bytes() + self._limits.segment_bytes > self._limits.bytes:
            self._no_room = f"{self._limits.bytes} bytes wait for the broker"
        elif (now := self._clock.monotonic()) >= self._disk_at:
            try:
                self._spare, self._no_room = self.shelf.create(self._now()), None
            except OSError as error:
                self._no_room = f"no new file in {self._root}: {error.strerror}"
                self._disk_at = now + LOOK_SECONDS
        self._call(self._spare_made)

    def _call(self, who: Event | None) -> None:
        if who is not None:
            who.set()

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1000)
