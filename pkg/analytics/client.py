"""ClickHouse, for tables of events: bounded times, retries, and errors that say what to do."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import clickhouse_driver
import msgspec
from clickhouse_driver.util.helpers import parse_url

from pkg.analytics.errors import Unavailable, WrongTable, from_driver
from pkg.analytics.reach import Reach
from pkg.analytics.table import Table
from pkg.clock import Clock

_DEADLINE_SECONDS = 10.0
_CONNECT_SECONDS = 2.0
_PING_SECONDS = 1.0
_LEAST_SECONDS = 0.001
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 1.0
_MOST_IDLE = 8


class Client:
    """ClickHouse. Usable from several threads, each with a connection for as long as it asks.

    What can't be done because ClickHouse is away or busy is tried again until the deadline. A
    query, and an insert of rows that have ids, may be done twice without harm. When that begins,
    and when it ends, is a line in the log.

    Args:
        url: clickhouse://USER:PASSWORD@HOST:PORT/DATABASE, clickhouses:// for TLS; its parameters
            are clickhouse-driver's.
        clock: tells when the deadline is.
        deadline: seconds for one call, retries included. By a server that hangs within a try, a
            call may be kept half as long again.
        settings: ClickHouse's own for all statements, such as {"max_execution_time": 5}; they hold
            where the url has others.

    Raises:
        ValueError: the url is none.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        deadline: float = _DEADLINE_SECONDS,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        if not url.startswith(("clickhouse://", "clickhouses://")):
            # Not shown: there is a password in it.
            raise ValueError("analytics: the url: give clickhouse://USER:PASSWORD@HOST:PORT/NAME")
        host, options = parse_url(url)
        self._host = host
        self._options = {
            "connect_timeout": _CONNECT_SECONDS,
            **options,
            "settings": {**options.get("settings", {}), **(settings or {})},
        }
        self._clock = clock
        self._deadline = deadline
        self._reach = Reach()
        self._lock = threading.Lock()
        self._idle: list[clickhouse_driver.Client] = []

    def create(self, *tables: Table[Any]) -> None:
        """Makes tables that are not there, and checks those that are.

        Raises:
            WrongTable: one is there with which events would count twice, or not fit.
            Unavailable: not within the deadline.
            Refused: ClickHouse says no.
        """
        for table in tables:
            self.execute(table.definition())
            self.check(table)

    def check(self, table: Table[Any]) -> None:
        """Checks a table that another one has made.

        Raises:
            WrongTable: events would count twice, or not fit.
            Unavailable: not within the deadline.
            Refused: ClickHouse says no.
        """
        name = {"name": table.name}
        found = self.execute(
            "SELECT engine, sorting_key FROM system.tables "
            "WHERE database = currentDatabase() AND name = %(name)s",
            name,
        )
        if not found:
            raise WrongTable(f"analytics: there is no table {table.name}: create it first")
        engine, order = found[0]
        sorting = tuple(part.strip() for part in order.split(","))
        if "Replacing" not in engine or sorting != table.sorting:
            raise WrongTable(
                f"analytics: {table.name} is a {engine} ordered by ({order}): events are told "
                f"apart by a ReplacingMergeTree ordered by ({', '.join(table.sorting)})"
            )
        columns = dict(
            self.execute(
                "SELECT name, type FROM system.columns "
                "WHERE database = currentDatabase() AND table = %(name)s",
                name,
            )
        )
        for column, kind in table.columns.items():
            if columns.get(column) != kind:
                raise WrongTable(
                    f"analytics: {table.name}: the column {column} is {columns.get(column)}, not "
                    f"{kind}: change it by ALTER TABLE, or say so in the Table's columns"
                )

    def insert[R: msgspec.Struct](self, table: Table[R], rows: Sequence[R]) -> None:
        """Inserts rows, all or none. Those that are there already count once all the same.

        Raises:
            BadRows: some row does not fit its columns; none was inserted.
            Unavailable: not within the deadline; they may have been inserted.
            Refused: ClickHouse says no.
        """
        if not rows:
            return
        statement, values = table.insertion(), table.values(rows)
        self._ask(
            f"rows for {table.name}",
            lambda one: one.execute(statement, values, columnar=True),
            writes=True,
        )

    def execute(
        self, sql: str, parameters: Mapping[str, Any] | None = None
    ) -> list[tuple[Any, ...]]:
        """The rows that a statement returns.

        Args:
            sql: with %(NAME)s where a parameter stands.
            parameters: by name.

        Raises:
            Unavailable: not within the deadline.
            Refused: ClickHouse says no.
        """
        done = self._ask("a statement", lambda one: one.execute(sql, dict(parameters or {})))
        return list(done or ())

    def query[R](
        self, kind: type[R], sql: str, parameters: Mapping[str, Any] | None = None
    ) -> list[R]:
        """The rows of a query, as structs whose fields have the columns' names.

        Raises:
            Unavailable: not within the deadline.
            Refused: ClickHouse says no.
            msgspec.ValidationError: a row is no such struct.
        """
        rows, columns = self._ask(
            "a query",
            lambda one: one.execute(sql, dict(parameters or {}), with_column_types=True),
        )
        names = [name for name, _ in columns]
        found = [dict(zip(names, row, strict=True)) for row in rows]
        return msgspec.convert(found, list[kind], strict=False)  # type: ignore[valid-type]

    def close(self) -> None:
        """Ends the connections that nobody uses now."""
        with self._lock:
            idle, self._idle = self._idle, []
        for one in idle:
            one.disconnect()

    def _ask[T](
        self, what: str, ask: Callable[[clickhouse_driver.Client], T], *, writes: bool = False
    ) -> T:
        until = self._clock.monotonic() + self._deadline
        pause = _FIRST_PAUSE_SECONDS
        while True:
            left = until - self._clock.monotonic()
            try:
                return self._try(what, ask, left, writes=writes)
            except Unavailable as error:
                self._reach.lost(error)
                if self._clock.monotonic() + pause >= until:
                    raise
            self._clock.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _try[T](
        self, what: str, ask: Callable[[clickhouse_driver.Client], T], left: float, *, writes: bool
    ) -> T:
        one = self._take()
        self._set_timeout(one.connection, left)
        try:
            done = ask(one)
        except Exception as error:
            one.disconnect()
            known = from_driver(error, what, writes=writes)
            if known is None:
                raise
            if not isinstance(known, Unavailable):
                self._reach.found()
            raise known from error
        self._reach.found()
        self._give_back(one)
        return done

    def _take(self) -> clickhouse_driver.Client:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return clickhouse_driver.Client(self._host, **self._options)

    def _give_back(self, one: clickhouse_driver.Client) -> None:
        with self._lock:
            if len(self._idle) < _MOST_IDLE:
                self._idle.append(one)
                return
        one.disconnect()

    def _set_timeout(self, connection: Any, left: float) -> None:
        """Of each exchange with the server, also on a connection that there is."""
        seconds = max(left, _LEAST_SECONDS)
        # Before an exchange comes a ping on a connection that there is, and a new one if it fails.
        connection.sync_request_timeout = min(_PING_SECONDS, seconds / 4)
        connection.connect_timeout = min(self._options["connect_timeout"], seconds / 4)
        connection.send_receive_timeout = seconds
        if connection.socket is not None:
            connection.socket.settimeout(seconds)
