"""Several statements in one round trip.

A connection that was opened for it (CLIENT_MULTI_STATEMENTS) takes statements one behind another in
one text, and answers each. There, what is injected into a text could be a statement of its own. So
such connections are for batches alone: `Database.batch` has a pool of them, and hands none out. On
all others one call is one statement, as before. (To switch it on and off on one connection would be
a round trip each, as many as a batch of three saves.)

In a batch no value is part of a text by our hand. Statements are SQLAlchemy's, of tables and bound
parameters. The driver makes literals of the values, and escapes them for the connection's character
set; it does so with every statement that it sends, as it has no prepared ones. Bytes are written in
hexadecimal. What stands between two statements is ours. Whether the server has taken the batch for
as many statements as it has is counted before the commit.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, UpdateBase

from pkg.db.errors import DatabaseError

_OPTION = "pkg_db_batch"
_BETWEEN = b";\n"


def send(connection: Connection, statements: Sequence[UpdateBase]) -> list[int]:
    """Runs statements in their order, up to the first that fails; one round trip.

    Args:
        connection: of an engine that was prepared by `allow`.

    Returns:
        for each statement, how many rows it was about, as MySQL counts them.

    Raises:
        DatabaseError: what the first one has raised that failed; a note says which one. Those
            before it are done, and not committed.
    """
    driver: Any = connection.connection.driver_connection
    # Its own way to a literal: its cursors do the same with each statement.
    batch = _Batch([_text(each, connection.dialect, driver.literal) for each in statements])
    try:
        connection.exec_driver_sql(
            "a batch", execution_options={"no_parameters": True, _OPTION: batch}
        )
    except DatabaseError as error:
        error.add_note(f"in statement {len(batch.counts) + 1} of a batch of {len(statements)}")
        raise
    if len(batch.counts) != len(statements):
        raise RuntimeError(
            f"db: the server has taken a batch of {len(statements)} statements for "
            f"{len(batch.counts)}: is there a ; in one of them?"
        )
    return batch.counts


def allow(dialect: Dialect) -> None:
    """Has an engine's dialect send batches: where SQLAlchemy would send the statement's text.

    Errors take the way that all errors take, whichever statement they come from.
    """
    execute = dialect.do_execute_no_params

    def do_execute_no_params(cursor: Any, statement: str, context: Any = None) -> None:
        batch = context.execution_options.get(_OPTION) if context else None
        if isinstance(batch, _Batch):
            batch.run(cursor)
        else:
            execute(cursor, statement, context)

    dialect.do_execute_no_params = do_execute_no_params  # type: ignore[method-assign]


class _Batch:
    """Statements on their way, and what the server has answered so far."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._texts = texts
        self.counts: list[int] = []

    def run(self, cursor: Any) -> None:
        cursor.execute(_BETWEEN.join(self._texts))
        self.counts.append(cursor.rowcount)
        # Each step takes the next answer, and raises it if it is an error; there is none behind it.
        while cursor.nextset():
            self.counts.append(cursor.rowcount)


def _text(statement: UpdateBase, dialect: Dialect, literal: Callable[[Any], bytes]) -> bytes:
    """A statement with its values as literals."""
    compiled = statement.compile(dialect=dialect)
    if compiled.prefetch:
        columns = ", ".join(str(column) for column in compiled.prefetch)
        raise ValueError(f"db: in a batch, give {columns} a value: no default is asked for one")
    state = compiled.construct_expanded_state()
    processors: dict[str, Callable[[Any], Any]] = dict(state.processors)
    for name, parameter in compiled.binds.items():
        process = parameter.type.dialect_impl(dialect).bind_processor(dialect)
        if process is not None:
            processors[name] = process
    values = [
        _literal(processors[name](value) if name in processors else value, literal)
        for name, value in zip(state.positiontup or (), state.positional_parameters, strict=True)
    ]
    # A % of SQLAlchemy's text stands twice in it.
    return state.statement.encode() % tuple(values)


def _literal(value: Any, literal: Callable[[Any], bytes]) -> bytes:
    if isinstance(value, bytes):
        # As they are, they would be no text: the server's list of processes could not show it.
        return b"x'%s'" % value.hex().encode()
    return literal(value)
