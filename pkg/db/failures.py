"""From what the client library raises to errors of ours."""

from collections.abc import Callable

import MySQLdb
from sqlalchemy.engine import ExceptionContext

from pkg.db import session
from pkg.db.codes import NOT_COMMITTED, error_of
from pkg.db.errors import (
    ConnectionLost,
    DatabaseError,
    Deadlocked,
    OutcomeUnknown,
    TimedOut,
    Unavailable,
)


class Failures:
    """Turns the errors of one server's connections into ours, and notes what they mean.

    Args:
        where: the server's address.
        now: the clock's monotonic time.
        read_seconds: after which the client library gives up a server that says nothing.
    """

    def __init__(self, where: str, now: Callable[[], float], read_seconds: float) -> None:
        self.where = where
        self._now = now
        self._read_seconds = read_seconds

    def handle(self, context: ExceptionContext) -> DatabaseError | None:
        """SQLAlchemy's event `handle_error`: what is to be raised instead, if anything."""
        code, words = _said(context.original_exception)
        if code is None:
            return None
        error = error_of(code, words, self.where)
        if context.connection is None:
            return self._not_connected(error)
        mine = session.of(context.connection)
        is_over = isinstance(error, ConnectionLost)
        if is_over:
            context.is_disconnect = True
        if mine is None:
            return error
        if is_over and mine.expired:
            # The others may be well: this one was broken off from here.
            context.invalidate_pool_on_disconnect = False
            error = self.expired()
        elif is_over and self._now() - mine.began >= self._read_seconds:
            error = TimedOut(f"{error}: the server said nothing for {self._read_seconds:g} s")
        if (mine.single and is_over) or (mine.commits and code not in NOT_COMMITTED):
            error = OutcomeUnknown(f"{error}: it is not known whether it was committed")
        if is_over or isinstance(error, Deadlocked):
            mine.failure = error
        return error

    def expired(self) -> TimedOut:
        """The error of an operation whose time is over."""
        return TimedOut(f"{self.where}: the operation's time is over")

    def _not_connected(self, error: DatabaseError) -> DatabaseError:
        if isinstance(error, ConnectionLost):
            return Unavailable(f"{error} while connecting")
        return error


def _said(error: BaseException) -> tuple[int | None, str]:
    """MySQL's code and words."""
    if not isinstance(error, MySQLdb.Error) or not error.args:
        return None, ""
    code = error.args[0]
    words = error.args[1] if len(error.args) > 1 else ""
    return (code if isinstance(code, int) else None), str(words)
