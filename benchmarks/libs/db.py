"""The database beside SQLAlchemy alone, and beside mysqlclient alone, with the same statements."""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing

from sqlalchemy import URL, Connection, Engine, create_engine, text

from benchmarks.libs.row import Row
from pkg.clock import SystemClock
from pkg.db import Config, Database, Server
from pkg.dockertest import Scope
from pkg.dockertest.mysql import MySQL, MySQLServer

_TIMES = 500
_ROWS = 100
_READ = text("SELECT n FROM t WHERE id = :id")
_ADD = text("UPDATE t SET n = n + 1 WHERE id = :id")


def rows(rounds: int) -> list[Row]:
    """Microseconds of a read, a single write and a transaction of one statement."""
    found: dict[str, list[float]] = {}
    with Scope() as scope, ExitStack() as stack:
        calls = _calls(scope.start(MySQL()), stack)
        for number in range(rounds + 1):
            for what, call in calls.items():
                taken = _microseconds(call)
                if number:  # the first round connects
                    found.setdefault(what, []).append(taken)
    return [
        Row("db: read of one row", found["read"], "µs"),
        Row("db: read / SQLAlchemy alone", _ratios(found, "read", "alone read"), "x", 1.4),
        Row("db: read / mysqlclient alone", _ratios(found, "read", "bare read"), "x"),
        Row("db: single write", found["write"], "µs"),
        Row("db: transaction of one statement", found["transaction"], "µs"),
        Row(
            "db: transaction / SQLAlchemy alone",
            _ratios(found, "transaction", "alone transaction"),
            "x",
            1.4,
        ),
    ]


def _calls(server: MySQLServer, stack: ExitStack) -> dict[str, Callable[[], object]]:
    bare = stack.enter_context(closing(server.client()))
    bare.autocommit(True)
    cursor = stack.enter_context(closing(bare.cursor()))
    cursor.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT NOT NULL)")
    cursor.executemany("INSERT INTO t VALUES (%s, 0)", [(number,) for number in range(_ROWS)])
    where = Server(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        database=server.database,
    )
    db = stack.enter_context(Database(Config(primary=where), clock=SystemClock()))
    alone = _engine(server)

    def bare_read() -> object:
        cursor.execute("SELECT n FROM t WHERE id = %s", (1,))
        return cursor.fetchall()

    def alone_read() -> object:
        with alone.connect() as connection:
            return connection.scalar(_READ, {"id": 1})

    def alone_transaction() -> None:
        with alone.begin() as connection:
            connection.execute(_ADD, {"id": 1})

    def add(connection: Connection) -> None:
        connection.execute(_ADD, {"id": 1})

    return {
        "bare read": bare_read,
        "alone read": alone_read,
        "read": lambda: db.read(lambda connection: connection.scalar(_READ, {"id": 1})),
        "write": lambda: db.write(add),
        "alone transaction": alone_transaction,
        "transaction": lambda: db.transaction(add),
    }


def _engine(server: MySQLServer) -> Engine:
    """SQLAlchemy with its own settings."""
    return create_engine(
        URL.create(
            "mysql+mysqldb",
            server.user,
            server.password,
            server.host,
            server.port,
            server.database,
        )
    )


def _microseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(_TIMES):
        call()
    return (time.perf_counter() - began) * 1e6 / _TIMES


def _ratios(found: dict[str, list[float]], mine: str, other: str) -> list[float]:
    return [one / two for one, two in zip(found[mine], found[other], strict=True)]
