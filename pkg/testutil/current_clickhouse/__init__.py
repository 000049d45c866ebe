"""The current ClickHouse, in this process: for SQL that has to work on old and new servers."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# A query that would take all memory, or for ever, is refused as a server refuses it.
_LIMITS = "SET max_memory_usage = 200000000, max_execution_time = 10"


class Refused(Exception):
    """The engine refused a statement.

    Attributes:
        code: ClickHouse's number of the error; -1 if it gave none.
    """

    def __init__(self, said: str) -> None:
        super().__init__(said)
        found = re.search(r"Code: (\d+)", said)
        self.code = int(found[1]) if found else -1


class CurrentClickHouse:
    """An engine with its data in a temporary directory. Not thread-safe."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def query(self, sql: str) -> str:
        """Runs a statement; returns its rows, one a line, separated by tabs.

        Raises:
            Refused: the engine's own words.
        """
        try:
            return str(self._session.query(sql, "TabSeparated"))
        except RuntimeError as error:
            raise Refused(str(error)) from error


@contextmanager
def current_clickhouse() -> Iterator[CurrentClickHouse]:
    """An engine without any tables; a process has one at a time."""
    from chdb import session

    with tempfile.TemporaryDirectory() as directory:
        opened = session.Session(directory)
        try:
            one = CurrentClickHouse(opened)
            one.query(_LIMITS)
            yield one
        finally:
            opened.close()
