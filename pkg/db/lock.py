"""A lock of the server's, which one connection has at a time, and which ends with it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from pkg.clock import Clock
from pkg.db.errors import TimedOut

# The server waits so long at a time: the client library must hear of it now and then.
_STEP_SECONDS = 1


@contextmanager
def locked(connection: Connection, name: str, clock: Clock, wait: float) -> Iterator[None]:
    """Holds the server's lock of that name while the block runs.

    Args:
        wait: seconds that one waits for who has it.

    Raises:
        TimedOut: somebody has it for longer.
    """
    ends = clock.monotonic() + wait
    take = text("SELECT GET_LOCK(:name, :seconds)")
    while not connection.scalar(take, {"name": name, "seconds": _STEP_SECONDS}):
        if clock.monotonic() >= ends:
            holder = connection.scalar(text("SELECT IS_USED_LOCK(:name)"), {"name": name})
            raise TimedOut(
                f"the lock {name} was not free for {wait:g} s; the server's connection {holder} "
                "has it: see SHOW PROCESSLIST"
            )
    yield
    # Where the block fails, the connection ends, and the lock with it.
    connection.execute(text("DO RELEASE_LOCK(:name)"), {"name": name})
