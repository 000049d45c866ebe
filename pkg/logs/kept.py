"""Lines that are kept in memory, such as for the report of a test that fails."""

import logging
from collections import deque


class KeptLines(logging.Handler):
    """Keeps the latest lines. To be added to a logger, and removed from it.

    Args:
        formatter: makes a line of a record, such as `JsonLines`.
        most: how many lines.
    """

    def __init__(self, formatter: logging.Formatter, *, most: int = 200) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self._kept: deque[str] = deque(maxlen=most)

    @property
    def lines(self) -> list[str]:
        """Those that are kept, the oldest first."""
        self.acquire()  # a deque that changes can't be copied
        try:
            return list(self._kept)
        finally:
            self.release()

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps a record's line."""
        self._kept.append(self.format(record))
