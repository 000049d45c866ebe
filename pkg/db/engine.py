"""Engines: how SQLAlchemy and mysqlclient are set up, for one server."""

from collections.abc import Callable
from typing import Any

import MySQLdb
from sqlalchemy import URL, Dialect, Engine, Pool, PoolProxiedConnection, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from pkg.db import batch, line, session
from pkg.db.config import Server, Timeouts, Tls
from pkg.db.failures import Failures

LINE = "pkg_db_line"

_MODES = (
    "ONLY_FULL_GROUP_BY",
    "STRICT_ALL_TABLES",
    "STRICT_TRANS_TABLES",
    "NO_ZERO_IN_DATE",
    "NO_ZERO_DATE",
    "ERROR_FOR_DIVISION_BY_ZERO",
    "NO_ENGINE_SUBSTITUTION",
)


def make(
    server: Server,
    timeouts: Timeouts,
    tls: Tls | None,
    *,
    autocommit: bool,
    left: Callable[[], float],
    failures: Failures,
    batches: bool = False,
    pool: type[Pool] = QueuePool,
    **pooling: Any,
) -> Engine:
    """An engine for one server. It connects when it is first asked to.

    Args:
        autocommit: each statement is committed as it ends; else a transaction begins with the
            first statement, which costs no round trip.
        left: how many seconds there are to connect.
        failures: says what MySQL's errors are.
        batches: takes several statements in one text; nothing but `batch.send` may use it then.
        pooling: further arguments of `create_engine`.
    """
    engine = create_engine(
        URL.create("mysql+mysqldb", host=server.host, port=server.port, database=server.database),
        connect_args={
            "user": server.user,
            "password": server.password,  # not in the URL, which is shown
            "charset": "utf8mb4",
            "autocommit": autocommit,
            "init_command": _settings(timeouts, autocommit),
            "connect_timeout": timeouts.connect,
            "read_timeout": timeouts.read,
            "write_timeout": timeouts.write,
            "multi_statements": batches,  # else what is injected can be no statement of its own
            "local_infile": False,  # no server reads this machine's files
            **_tls(tls),
        },
        poolclass=pool,
        # Who takes a connection ends the transaction: a ROLLBACK for good measure would be one
        # more round trip each time.
        pool_reset_on_return=None,
        skip_autocommit_rollback=True,
        hide_parameters=True,
        **pooling,
    )

    def connect(_: Any, __: Any, ___: Any, arguments: dict[str, Any]) -> None:
        arguments["connect_timeout"] = max(1, min(timeouts.connect, int(left())))

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", _connected)
    event.listen(engine, "close", _closed)
    event.listen(engine, "checkout", _check)
    event.listen(engine, "handle_error", failures.handle, retval=True)
    _guard_commits(engine.dialect)
    if batches:
        batch.allow(engine.dialect)
    return engine


def _settings(timeouts: Timeouts, autocommit: bool) -> str:
    """What every session has, in one statement, whatever the server's own settings are."""
    settings: dict[str, str | int] = {
        "sql_mode": f"'{','.join(_MODES)}'",
        "time_zone": "'+00:00'",
        # A statement sees what is committed when it begins, and locks the rows that it changes,
        # not the gaps between them: fewer deadlocks, and a retry sees what others have done.
        "transaction_isolation": "'READ-COMMITTED'",
        "max_execution_time": round(timeouts.select * 1000),
        "innodb_lock_wait_timeout": timeouts.lock,
        "lock_wait_timeout": timeouts.lock,  # for tables; it would be a year
        "autocommit": int(autocommit),
    }
    return "SET " + ", ".join(f"SESSION {name} = {value}" for name, value in settings.items())


def _tls(tls: Tls | None) -> dict[str, Any]:
    if tls is None:
        return {}
    files = {"ca": tls.ca, "cert": tls.certificate, "key": tls.key}
    return {
        "ssl_mode": "VERIFY_IDENTITY",
        "ssl": {name: str(path) for name, path in files.items() if path is not None},
    }


def _connected(connection: MySQLdb.Connection, entry: ConnectionPoolEntry) -> None:
    entry.info[LINE] = line.of(connection)


def _closed(_: MySQLdb.Connection, entry: ConnectionPoolEntry) -> None:
    if mine := entry.info.pop(LINE, None):
        mine.close()


def _check(_: MySQLdb.Connection, entry: ConnectionPoolEntry, __: object) -> None:
    """Has a connection replaced that the server has ended while it was idle."""
    if line.is_over(entry.info[LINE]):
        raise DisconnectionError("the server has ended it")


def _guard_commits(dialect: Dialect) -> None:
    """Has a COMMIT refused that comes from within a transaction's work.

    SQLAlchemy's event for it would make each statement of all connections slower.
    """
    commit = dialect.do_commit

    def do_commit(connection: PoolProxiedConnection) -> None:
        mine = connection.info.get(session.KEY)
        if isinstance(mine, session.Session) and not mine.commits:
            raise RuntimeError(
                "db: work has called commit(): what follows could be retried without it; return "
                "instead, then all is committed"
            )
        commit(connection)

    dialect.do_commit = do_commit  # type: ignore[assignment, method-assign]
