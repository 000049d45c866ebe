"""What is known of a connection while somebody uses it."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from pkg.db.errors import ConnectionLost, DatabaseError
from pkg.db.line import is_over

if TYPE_CHECKING:
    from pkg.db.failures import Failures

# The key of a session in what the pool keeps beside its connection.
KEY = "pkg_db_session"


@dataclass
class Session:
    """One use of one connection.

    Attributes:
        failures: of its server.
        began: when, by the clock's monotonic time.
        line: the connection's socket, to break it off.
        expired: its time was over, and it was broken off.
        failure: what has ended its transaction, though the caller may have let it pass.
        commits: the transaction's work is done, and it is being committed.
        single: it has no transaction: each statement is committed as it ends.
    """

    failures: "Failures"
    began: float
    line: socket.socket
    expired: bool = False
    failure: DatabaseError | None = None
    commits: bool = False
    single: bool = False

    def expire(self) -> None:
        """Breaks the connection off: its time is over. Whoever waits for an answer goes on."""
        self.expired = True
        with suppress(OSError):  # it is broken already
            self.line.shutdown(socket.SHUT_RDWR)

    def check(self) -> None:
        """Whether there is still something to commit.

        Raises:
            TimedOut: its time is over.
            ConnectionLost: the connection has broken.
            Deadlocked: the server has rolled it back.
        """
        if self.failure is not None:
            raise self.failure
        if self.expired:
            raise self.failures.expired()
        if is_over(self.line):
            raise ConnectionLost(f"{self.failures.where}: the connection broke before the commit")


def of(connection: Connection) -> Session | None:
    """The session that the connection is in, if any."""
    if connection.closed or connection.invalidated:
        return None  # it would connect anew, to be asked
    found = connection.info.get(KEY)
    return found if isinstance(found, Session) else None
