"""The log lines of this process, for tests."""

import json
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from pkg.logs.kept import KeptLines
from pkg.logs.lines import JsonLines
from pkg.logs.setup import OWN

_MOST = 100_000


class Lines:
    """What was logged so far."""

    def __init__(self, kept: KeptLines) -> None:
        self._kept = kept

    @property
    def text(self) -> str:
        """All lines, as they are written."""
        return "\n".join(self._kept.lines)

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines of an event."""
        lines = [json.loads(line) for line in self._kept.lines]
        return [line for line in lines if line["event"] == event]


@contextmanager
def captured(
    formatter: logging.Formatter | None = None,
    *,
    without: Collection[str] = ("httpx", "httpcore"),
    libraries: int = logging.DEBUG,
) -> Iterator[Lines]:
    """Captures all that is logged in the block, down to debug.

    Args:
        formatter: makes a line of a record; `JsonLines()` unless given.
        without: loggers whose lines do not count, such as those of the test's own client.
        libraries: the level from which on libraries' lines count.
    """
    kept = KeptLines(formatter or JsonLines(), most=_MOST)
    names = tuple(without)
    kept.addFilter(lambda record: not record.name.startswith(names))
    root = logging.getLogger()
    levels = {each: each.level for each in (root, *map(logging.getLogger, OWN))}
    root.addHandler(kept)
    for each in levels:
        each.setLevel(libraries if each is root else logging.DEBUG)
    try:
        yield Lines(kept)
    finally:
        root.removeHandler(kept)
        for each, level in levels.items():
            each.setLevel(level)
