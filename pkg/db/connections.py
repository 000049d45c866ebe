"""The connections to one server: a bounded number, each with a deadline while it is in use."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from pkg.clock import Clock
from pkg.db import engine
from pkg.db.config import Config, Server
from pkg.db.engine import LINE
from pkg.db.errors import DatabaseError, PoolExhausted
from pkg.db.failures import Failures
from pkg.db.session import KEY, Session
from pkg.db.watch import Watch


class Connections:
    """The connections to one server, kept open for the next one. Usable from several threads.

    Args:
        autocommit: whether each statement is committed as it ends.
        batches: whether they are for `batch.send`, and nothing else.
    """

    def __init__(
        self,
        server: Server,
        config: Config,
        clock: Clock,
        watch: Watch,
        *,
        autocommit: bool,
        batches: bool = False,
    ) -> None:
        pool = config.pool
        self._address = server.address
        self._clock = clock
        self._watch = watch
        self._wait = pool.wait
        self._places = threading.BoundedSemaphore(pool.size + pool.overflow)
        self._many = pool.size + pool.overflow
        self._connecting = threading.local()
        self._failures = Failures(server.address, clock.monotonic, config.timeouts.read)
        self._engine = engine.make(
            server,
            config.timeouts,
            config.tls,
            autocommit=autocommit,
            batches=batches,
            left=self._left,
            failures=self._failures,
            pool_size=pool.size,
            max_overflow=pool.overflow,
            pool_recycle=pool.recycle,
            # The one used last: those that are too many become idle, and can be dropped.
            pool_use_lifo=True,
        )

    @contextmanager
    def take(self, ends: float) -> Iterator[tuple[Connection, Session]]:
        """A connection until the block ends, or until a moment of the clock's monotonic time.

        Raises:
            PoolExhausted: all were in use for too long.
            TimedOut: the moment is over.
            Unavailable: no connection comes about.
        """
        self._take_place(ends)
        try:
            self._connecting.ends = ends
            connection = self._engine.connect()
            info: dict[Any, Any] = connection.info
            session = Session(self._failures, self._clock.monotonic(), info[LINE])
            info[KEY] = session
            try:
                with self._watch.at(ends, session.expire):
                    yield connection, session
            finally:
                info.pop(KEY, None)
                _give_back(connection)
        finally:
            self._places.release()

    def close(self) -> None:
        """Closes the connections that nobody uses; the others are closed when they are free."""
        self._engine.dispose()

    def _take_place(self, ends: float) -> None:
        left = ends - self._clock.monotonic()
        if left <= 0:
            raise self._failures.expired()
        if not self._places.acquire(timeout=min(self._wait, left)):
            raise PoolExhausted(
                f"{self._address}: all {self._many} connections were in use for "
                f"{min(self._wait, left):g} s; if the server is not busy, raise pool.size"
            )

    def _left(self) -> float:
        return float(self._connecting.ends) - self._clock.monotonic()


def _give_back(connection: Connection) -> None:
    """Rolls back what was not committed, for one round trip, and frees the connection."""
    try:
        connection.close()
    except DatabaseError:
        # The connection is gone, and the server rolls back.
        if not (connection.closed or connection.invalidated):
            connection.invalidate()
