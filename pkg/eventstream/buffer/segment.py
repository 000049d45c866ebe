"""One file of the buffer, mapped into memory: what stands in it survives the process."""

import mmap
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pkg.eventstream.buffer import record
from pkg.eventstream.buffer.record import Record, Scan

FINISHED = ".seg"
UNFINISHED = ".new"

_ZEROS = bytes(1 << 20)
# Who adds shall not wait for the kernel to map page by page.
_FLAGS = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)


class NoSegment(ValueError):
    """A file is no segment, or of another version."""


@dataclass
class Segment:
    """A file with records. One thread may add while another one reads.

    Attributes:
        end: the offset behind the last record.
        sent: the offset up to which the broker has acknowledged all.
        given: the offset up to which the sender was given all.
        is_synced: whether the machine's end would lose none of it.
    """

    path: Path
    salt: int
    memory: mmap.mmap
    end: int
    sent: int
    given: int
    is_synced: bool = False

    @property
    def size(self) -> int:
        """Of the file, in bytes."""
        return len(self.memory)

    @property
    def waiting(self) -> int:
        """Bytes that the broker has not acknowledged."""
        return self.end - self.sent

    def append(self, topic: bytes, key: bytes | None, value: bytes, at: int) -> bool:
        """Adds a record, unless there is no room."""
        end = self.end
        written = record.encode(self.salt, end, topic, key, value, at)
        after = end + len(written)
        if after > len(self.memory):
            return False
        # In memory that is the kernel's to write: no system call, and the lock of the
        # interpreter is kept, which a busy thread would not give back for milliseconds.
        self.memory[end:after] = written
        self.end = after  # last: a reader sees whole records
        self.is_synced = False
        return True

    def read(self, offset: int, end: int, size: int) -> list[Record]:
        """The records between two offsets: at least one, and as many as are within `size` bytes.

        What is damaged is passed over; [] where nothing whole is there.
        """
        for until in (min(end, offset + size), end):
            data = self.memory[offset:until]
            found = list(record.run(data, self.salt, offset))
            if found:
                return found
        return list(record.records(self.memory[:end], self.salt, offset))

    def mark_sent(self, offset: int) -> None:
        """Notes that the broker has acknowledged all before an offset."""
        self.sent = offset
        noted = record.sent(self.salt, offset)
        self.memory[record.SENT_AT : record.SENT_AT + len(noted)] = noted

    def oldest(self) -> int | None:
        """When the first record was published that is not acknowledged, in ms since 1970."""
        if not self.waiting:
            return None
        at = record.time_of(self.memory, self.sent)
        if at is not None:
            return at
        found = self.read(self.sent, self.end, self.size)  # damaged there
        return found[0].at if found else None

    def sync(self) -> None:
        """Returns once the machine's end would lose none of it."""
        if not self.is_synced:
            self.is_synced = True
            self.memory.flush()

    def close(self) -> None:
        """Leaves the file as it is."""
        self.memory.close()

    def remove(self) -> None:
        """Removes the file, or leaves it to whoever comes next: nothing in it waits."""
        with suppress(OSError):
            self.path.unlink()
        self.memory.close()


def create(path: Path, size: int) -> Segment:
    """A new file, whose place on the disk is taken: what is added later finds room.

    Raises:
        OSError: there is no room for it.
    """
    salt = secrets.randbits(32)
    coming = path.with_suffix(UNFINISHED)
    fd = os.open(coming, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        _fill(fd, size)
        memory = mmap.mmap(fd, size, flags=_FLAGS)
        memory[: record.HEADER_BYTES] = record.header(salt)
        coming.rename(path)
    except BaseException:
        coming.unlink()
        raise
    finally:
        os.close(fd)
    start = record.HEADER_BYTES
    return Segment(path, salt, memory, end=start, sent=start, given=start)


def open_left(path: Path) -> tuple[Segment, Scan]:
    """A file that another process has left, and what is in it beyond what was sent.

    Raises:
        NoSegment: it is none.
    """
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        size = os.fstat(fd).st_size
        if size < record.HEADER_BYTES:
            raise NoSegment(f"{path}: {size} bytes are no segment")
        memory = mmap.mmap(fd, size)
    finally:
        os.close(fd)
    data = memory[:]
    salt = record.salt_of(data)
    if salt is None:
        memory.close()
        raise NoSegment(f"{path}: it does not begin as a segment of this version does")
    sent = record.sent_of(data, salt)
    found = record.scan(data, salt, sent)
    return Segment(path, salt, memory, end=found.end, sent=sent, given=sent), found


def _fill(fd: int, size: int) -> None:
    # Not by fallocate(): a file system that copies on write, or has none, would not keep its word,
    # and what is added to a mapped file without room ends the process.
    left = size
    while left:
        left -= os.write(fd, _ZEROS[:left])
