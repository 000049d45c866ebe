"""The log lines of this process, for tests."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from services.vault.rpc.logs import handler, logger

_CLIENT = ("httpx", "httpcore")  # the tests' own


class Lines:
    """What was logged so far."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """All lines, as they are written."""
        return self.stream.getvalue()

    def of(self, event: str) -> list[dict[str, Any]]:
        """The lines of an event."""
        lines = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in lines if line["event"] == event]


@contextmanager
def captured() -> Iterator[Lines]:
    """Captures all that is logged in the block, also by the server's libraries, down to debug."""
    lines = Lines()
    root = logging.getLogger()
    added = handler(lines.stream)
    added.addFilter(lambda record: not record.name.startswith(_CLIENT))
    levels = {each: each.level for each in (root, logger)}
    root.addHandler(added)
    for each in levels:
        each.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(added)
        for each, level in levels.items():
            each.setLevel(level)
