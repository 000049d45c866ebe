"""The files of a buffer, in the order in which they are sent."""

import itertools
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

from pkg.eventstream.buffer import home, segment
from pkg.eventstream.buffer.segment import Segment

_log = logging.getLogger(__name__)


class Shelf:
    """The files of a buffer. Usable from several threads.

    Attributes:
        damaged: places in files that were taken over where something damaged stood.
    """

    def __init__(self, root: Path, segment_bytes: int) -> None:
        self.damaged = 0
        self._root = root
        self._segment_bytes = segment_bytes
        self._home = home.new(root)
        self._lock = threading.Lock()
        self._segments: list[Segment] = []
        self._numbers = itertools.count()
        self._seen: set[Path] = set()  # what is no segment, and was said to be none

    def listed(self) -> list[Segment]:
        """The files, first to be sent first."""
        with self._lock:
            return list(self._segments)

    def bytes(self) -> int:
        """Of all files together."""
        return sum(one.size for one in self.listed())

    def create(self, at: int) -> Segment:
        """A new file, which is not on the shelf yet; `at` is when, in ms since 1970.

        Raises:
            OSError: there is no room for it.
        """
        name = f"{at:015d}-{next(self._numbers):08d}-{self._home.path.name}"
        return segment.create(self._home.path / f"{name}{segment.FINISHED}", self._segment_bytes)

    def add(self, one: Segment) -> None:
        """Adds a file, to be sent last."""
        with self._lock:
            self._segments.append(one)

    def remove_sent(self, keep: Segment) -> None:
        """Removes the files of which the broker has acknowledged all, but for one."""
        with self._lock:
            gone = [one for one in self._segments if one is not keep and not one.waiting]
            if gone:
                self._segments = [one for one in self._segments if one not in gone]
        for one in gone:
            one.remove()

    def adopt(self, room: int) -> Iterator[int]:
        """Takes over the files of processes that are gone, up to so many bytes.

        Yields:
            how many events there are in each; the caller may do something else in between.
        """
        for left in home.left(self._root, self._home.path):
            try:
                for path in left.files(segment.UNFINISHED):
                    path.unlink()
                for path in left.files(segment.FINISHED):
                    room -= path.stat().st_size
                    if room < 0:
                        return
                    yield self._take(path)
            except OSError as error:
                _log.warning("eventstream: %s is left as it is: %s", left.path, error.strerror)
            finally:
                left.leave()

    def _take(self, path: Path) -> int:
        try:
            taken, found = segment.open_left(path)
        except segment.NoSegment as error:
            if path not in self._seen:
                self._seen.add(path)
                _log.warning("eventstream: %s: left as it is; remove it if it is in the way", error)
            return 0
        if found.holes:
            self.damaged += found.holes
            _log.error("eventstream: %s: damaged in %d places, lost", path.name, found.holes)
        if found.cut:
            _log.info("eventstream: %s: the last event was not written to its end", path.name)
        if not found.records:
            taken.remove()
            return 0
        taken.path = path.rename(self._home.path / path.name)
        with self._lock:  # before what is being added to
            self._segments.insert(max(0, len(self._segments) - 1), taken)
        return found.records

    def sync(self) -> None:
        """Returns once the machine's end would lose none of the files' names."""
        self._home.sync()

    def close(self) -> None:
        """Leaves what is not acknowledged to the next process."""
        with self._lock:
            for one in self._segments:
                one.close() if one.waiting else one.remove()
            self._segments = []
        self._home.leave()

    def forget(self) -> None:
        """In a forked child: the files stay its parent's alone."""
        self._home.forget()
