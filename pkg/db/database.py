"""The database: reads, and transactions and batches that are tried again."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Self, overload

from sqlalchemy import Connection, UpdateBase

from pkg.clock import Clock
from pkg.db import batch
from pkg.db.config import Config
from pkg.db.connections import Connections
from pkg.db.errors import ConnectionLost, Contended, DatabaseError
from pkg.db.watch import Watch

# The first pause before another try is up to this long, and each further one up to twice as long.
_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.5


class Database:
    """A MySQL database: one server that takes writes, and perhaps one that takes reads.

    Usable from several threads; made after a fork, not before. Connections are made when they are
    first needed. What pkg.db.errors has is all that is raised of the server's troubles; after an
    outage everything works again by itself.

    Statements are SQLAlchemy's, or `text()` with named parameters: values are never part of a
    statement's text.

    Args:
        config: where the servers are, and how long things may take.
        clock: measures deadlines and pauses.
        jitter: a number from 0 to 1, by which a pause is shortened.
    """

    def __init__(
        self, config: Config, *, clock: Clock, jitter: Callable[[], float] = random.random
    ) -> None:
        self.config = config
        self.clock = clock
        self._jitter = jitter
        self._watch = Watch(clock)
        reads = config.replica or config.primary
        self._reads = Connections(reads, config, clock, self._watch, autocommit=True)
        self._writes = Connections(config.primary, config, clock, self._watch, autocommit=False)
        self._batches = Connections(
            config.primary, config, clock, self._watch, autocommit=False, batches=True
        )
        self._singles = (
            self._reads
            if config.replica is None
            else Connections(config.primary, config, clock, self._watch, autocommit=True)
        )

    @overload
    def read(
        self, *, within: float | None = None, latest: bool = False
    ) -> AbstractContextManager[Connection]: ...

    @overload
    def read[T](
        self,
        work: Callable[[Connection], T],
        *,
        within: float | None = None,
        latest: bool = False,
    ) -> T: ...

    def read[T](
        self,
        work: Callable[[Connection], T] | None = None,
        *,
        within: float | None = None,
        latest: bool = False,
    ) -> AbstractContextManager[Connection] | T:
        """A connection to read from: `with db.read() as connection: …`, or what `work` returns.

        Each statement is a transaction of its own, and costs one round trip; nothing else does.
        A connection that the server has ended while it was idle is replaced before it is used. If
        one breaks under `work`, that is called once more, on another one.

        Args:
            work: what is done with the connection, if it is not a block.
            within: seconds for all of it; `timeouts.operation` if None. It takes up to a second
                longer where a new connection has to be made.
            latest: from the primary, which has all that is committed; a replica may be behind.

        Raises:
            Unavailable: the server did not answer in time, or can't be reached.
            Refused: the server said no.
        """
        ends = self._ends(within)
        at = self._singles if latest else self._reads
        if work is None:
            return _reading(at, ends)
        try:
            with _reading(at, ends) as connection:
                return work(connection)
        except ConnectionLost:
            with _reading(at, ends) as connection:
                return work(connection)

    def transaction[T](self, work: Callable[[Connection], T], *, within: float | None = None) -> T:
        """What `work` returns, when all that it did is committed. Otherwise, nothing is done.

        It is called again if others stop it: on a deadlock, when it waits too long for a lock, and
        once if the connection breaks before the commit. So it must have no other effects, commit
        nothing itself, and run no statement that does (such as CREATE TABLE). What it raises rolls
        everything back, and is raised.

        Costs a round trip for each of its statements, and one for the commit, or for the
        rollback; the beginning costs none.

        Args:
            work: uses the connection, on the primary.
            within: seconds for all of it, with all tries; `timeouts.operation` if None. It takes
                up to a second longer where a new connection has to be made.

        Raises:
            Contended: others stopped it at each try.
            Unavailable: the server did not answer in time, or can't be reached.
            OutcomeUnknown: the connection broke during the commit.
            Refused: the server said no.
        """
        return self._retried(lambda do, ends: self._try(self._writes, do, ends), work, within)

    def batch(
        self, statements: Sequence[UpdateBase], *, within: float | None = None
    ) -> Sequence[int]:
        """Runs statements in one transaction, sent together: all of them are done, or nothing.

        Costs one round trip for all of them, and one for the commit, or for the rollback. Each
        sees what those before it have done. As a transaction, it is tried again if others stop it,
        and once if the connection breaks before the commit.

        Args:
            statements: SQLAlchemy's `insert`, `update` and `delete`; see pkg/db/batch.py.
            within: as for a transaction.

        Returns:
            for each statement, how many rows it was about, as MySQL counts them.

        Raises:
            Contended, Unavailable, OutcomeUnknown, Refused: as a transaction; of the first
                statement that failed.
        """
        if not statements:
            return []
        return self._retried(
            lambda do, ends: self._try(self._batches, do, ends),
            lambda connection: batch.send(connection, statements),
            within,
        )

    def write[T](self, work: Callable[[Connection], T], *, within: float | None = None) -> T:
        """What `work` returns, whose first statement is the only one that writes.

        It is committed as it ends: one round trip, where a transaction has two. If others stop it,
        `work` is called again.

        Args:
            work: uses the connection, on the primary.
            within: as for a transaction.

        Raises:
            Contended: others stopped it at each try.
            Unavailable: the server can't be reached.
            OutcomeUnknown: the connection broke, or the time was over, while it ran.
            Refused: the server said no.
        """
        return self._retried(self._write, work, within)

    def _retried[T](
        self,
        attempt: Callable[[Callable[[Connection], T], float], T],
        work: Callable[[Connection], T],
        within: float | None,
    ) -> T:
        ends = self._ends(within)
        tries, lost = 0, False
        while True:
            tries += 1
            try:
                return attempt(work, ends)
            except Contended as error:
                pause = self._pause(tries)
                if tries >= self.config.tries or self.clock.monotonic() + pause >= ends:
                    raise type(error)(f"{error}; given up after {tries} tries") from error
            except ConnectionLost:
                if lost or tries >= self.config.tries:
                    raise
                pause, lost = self._pause(1), True
            self.clock.sleep(pause)

    def close(self) -> None:
        """Closes all connections. Those in use are closed when they are free."""
        self._reads.close()
        self._singles.close()
        self._writes.close()
        self._batches.close()
        self._watch.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ends(self, within: float | None) -> float:
        seconds = self.config.timeouts.operation if within is None else within
        return self.clock.monotonic() + seconds

    def _pause(self, tries: int) -> float:
        longest: float = min(_LONGEST_PAUSE_SECONDS, _PAUSE_SECONDS * 2**tries)
        return longest * self._jitter()

    def _write[T](self, work: Callable[[Connection], T], ends: float) -> T:
        with self._singles.take(ends) as (connection, session):
            session.single = True
            return work(connection)

    def _try[T](self, at: Connections, work: Callable[[Connection], T], ends: float) -> T:
        with at.take(ends) as (connection, session):
            transaction = connection.begin()
            try:
                result = work(connection)
            except BaseException as error:
                # Where that fails, the connection is gone, and the server rolls back.
                with suppress(DatabaseError):
                    transaction.rollback()
                failure = session.failure
                if failure is not None and failure is not error and isinstance(error, Exception):
                    # The work's own error comes of it, such as that a savepoint is gone.
                    raise failure from error
                raise
            if session.failure is None and not transaction.is_active:
                raise RuntimeError(
                    "db: work has called rollback(): raise instead, then all is rolled back"
                )
            session.check()
            session.commits = True
            transaction.commit()
            return result


@contextmanager
def _reading(at: Connections, ends: float) -> Iterator[Connection]:
    with at.take(ends) as (connection, _):
        yield connection
