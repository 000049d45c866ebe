"""For tests: the database that a test's server is."""

from collections.abc import Callable
from typing import Protocol

from sqlalchemy import text

from pkg.clock import SystemClock
from pkg.db.config import Config, Pool, Server, Timeouts
from pkg.db.database import Database

# Each is over soon, and none at the moment of another.
IMPATIENT = Timeouts(connect=2, read=3, write=3, select=2, lock=1, operation=4)
SMALL = Pool()
# Ends nothing that a busy machine is slow with, and gives nobody up: for what comes out in the end.
PATIENT = Timeouts(connect=60, read=120, write=60, select=60, lock=60, operation=240)
# What a deadline may be missed by: a connection is made in whole seconds, on a busy machine.
LATE_SECONDS = 6.0


class Given(Protocol):
    """A server that a test has been given."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def database(self) -> str: ...


def server_of(given: Given) -> Server:
    """A test's server, for a configuration."""
    return Server(
        host=given.host,
        port=given.port,
        user=given.user,
        password=given.password,
        database=given.database,
    )


def database(
    given: Given,
    *,
    replica: Given | None = None,
    pool: Pool = SMALL,
    timeouts: Timeouts = IMPATIENT,
    tries: int = 5,
) -> Database:
    """A database on a test's server, by the machine's clock."""
    config = Config(
        primary=server_of(given),
        replica=None if replica is None else server_of(replica),
        pool=pool,
        timeouts=timeouts,
        tries=tries,
    )
    return Database(config, clock=SystemClock())


def patient(given: Given) -> Database:
    """As `database`, for many at a time, however long that takes."""
    return database(given, pool=Pool(wait=240), timeouts=PATIENT, tries=1000)


def with_rows(
    given: Given, rows: int = 2, *, made: Callable[[Given], Database] = database
) -> Database:
    """A database with a table `t` of rows (id, n), numbered from 1, where n is 0."""
    db = made(given)
    db.transaction(
        lambda connection: connection.execute(
            text("CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL)")
        )
    )
    db.transaction(
        lambda connection: connection.execute(
            text("INSERT INTO t VALUES (:id, 0)"), [{"id": at + 1} for at in range(rows)]
        )
    )
    return db


def numbers(db: Database) -> list[int]:
    """What is in `n`, in the order of the rows."""
    with db.read() as connection:
        return list(connection.scalars(text("SELECT n FROM t ORDER BY id")))
