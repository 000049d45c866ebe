"""A connection of MySQL's user who may do everything."""

import os
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from pkg.dockertest.mysql import MySQLServer

_LOCK_SECONDS = 2  # how long a removal waits for what uses the tenant's tables
_YEAR_SECONDS = 31536000


class Admin:
    """The connection. Not thread-safe."""

    def __init__(self, whole: MySQLServer) -> None:
        """Connects; it stays open until it is closed."""
        self._connection = whole.client()
        self._connection.autocommit(True)
        self.order(
            f"SET SESSION wait_timeout = {_YEAR_SECONDS}, lock_wait_timeout = {_LOCK_SECONDS},"
            " information_schema_stats_expiry = 0"
        )
        os.register_at_fork(after_in_child=self._let_go)

    def order(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Runs a statement; its rows, if it has some."""
        with closing(self._connection.cursor()) as cursor:
            cursor.execute(statement)
            answer: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return answer

    def changed(self, statement: str) -> int:
        """Runs a statement; how many rows it has changed."""
        with closing(self._connection.cursor()) as cursor:
            return int(cursor.execute(statement))

    def close(self) -> None:
        """Says good-bye."""
        self._connection.close()  # type: ignore[no-untyped-call]

    def _let_go(self) -> None:
        """In a forked child, whose end would say good-bye over its parent's connection."""
        if not self._connection.open:
            return
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, self._connection.fileno(), inheritable=False)  # type: ignore[no-untyped-call]
        os.close(nothing)


def quoted(name: str) -> str:
    """A name as it stands in a statement, whatever it is."""
    return "`" + name.replace("`", "``") + "`"
