"""Migrations: numbered SQL files, each of which a database has had once.

The table `migrations` has a row for each file that was begun. Most of MySQL's changes of a schema
commit by themselves, so a file cannot be undone when it fails in its midst. What is sure: the row
is there before the first statement runs, and counts those that are done. A file that was begun and
not ended stops itself and all later ones, by name, until somebody has looked.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.pool import NullPool

from pkg.db import engine, migration_files
from pkg.db.applied import TABLE, Applied, Row
from pkg.db.database import Database
from pkg.db.errors import Contended, DatabaseError, MigrationError, Refused
from pkg.db.failures import Failures
from pkg.db.lock import locked
from pkg.db.migration_files import Migration

# A statement may change a large table.
_STATEMENT_SECONDS = 24 * 3600
# A change of a table waits for the transactions that use it, and all later ones wait for it.
_LOCK_SECONDS = 30
_SHOWN_CHARACTERS = 200


def pending(db: Database, folder: Path) -> list[str]:
    """The names of the files that the database has not had yet, in order. Changes nothing.

    Raises:
        MigrationError: a file was changed after it was applied, is missing, or is half applied.
        DatabaseError: the server can't be reached, or refused.
    """
    files = migration_files.read(folder)
    with _connection(db) as connection:
        applied = Applied(connection)
        return [one.name for one in _todo(files, applied.rows() if applied.exists() else [])]


def migrate(db: Database, folder: Path, *, wait: float = 60.0) -> list[str]:
    """Applies the files that the database has not had yet. Several processes may do so at once.

    Each file has a session of its own, in which every statement commits by itself, as in
    `MySQL(schema=folder)` of dockertest. What the database had after the folder's last file is not
    looked at: an older program may run on a newer schema.

    Args:
        wait: seconds that one waits while another process does it.

    Returns:
        The names of the files that this call has applied, in order.

    Raises:
        MigrationError: a file was changed after it was applied, is missing, is half applied, or a
            statement failed; the message names it and says how to go on.
        TimedOut: another process was at it for too long.
        DatabaseError: the server can't be reached, or refused.
    """
    files = migration_files.read(folder)
    with _connection(db) as connection, locked(connection, _lock_name(db), db.clock, wait):
        applied = Applied(connection)
        applied.create()
        todo = _todo(files, applied.rows())
        for migration in todo:
            applied.begin(migration)
            with _connection(db) as session:
                _apply(migration, session, applied)
            applied.end(migration)
        return [one.name for one in todo]


def _todo(files: Sequence[Migration], rows: Sequence[Row]) -> list[Migration]:
    """What is still to be applied, after what was is compared."""
    had = {row.number: row for row in rows}
    last = max(had, default=0)
    todo = []
    for migration in files:
        row = had.get(migration.number)
        if row is None:
            if migration.number < last:
                raise MigrationError(
                    f"migrations: {migration.name} was not applied, but {had[last].name} was: give "
                    "it a number after the last"
                )
            todo.append(migration)
        elif row.checksum != migration.checksum:
            raise MigrationError(
                f"migrations: {migration.name} is not the file that was applied as {row.name}; put "
                "that back, and the change into a new file"
            )
        elif not row.is_ended:
            raise MigrationError(_half_applied(migration, row.done))
    return todo


def _apply(migration: Migration, session: Connection, applied: Applied) -> None:
    for done, statement in enumerate(migration.statements):
        try:
            # Without parameters, so that a % is a %.
            session.exec_driver_sql(statement.text, execution_options={"no_parameters": True})
        except DatabaseError as error:
            said = isinstance(error, Refused | Contended)
            if said and done == 0:
                # A single statement is done or not, also one that changes the schema.
                applied.forget(migration)
                after = "nothing of the file was done: mend it, and migrate again"
            else:
                after = _half_applied(migration, done)
            shown = statement.text[:_SHOWN_CHARACTERS]
            shown += "…" if len(statement.text) > _SHOWN_CHARACTERS else ""
            raise MigrationError(
                f"migrations: {migration.name}, line {statement.line}: this failed:\n"
                f"  {shown}\n"
                f"the server says: {error.__cause__ or error}\n"
                f"{after}"
            ) from error
        applied.progress(migration, done + 1)


def _half_applied(migration: Migration, done: int) -> str:
    """What it means, and how one goes on."""
    line = migration.statements[min(done, len(migration.statements) - 1)].line
    where = f"WHERE number = {migration.number}"
    return (
        f"migrations: {migration.name} is half applied: {done} of its {len(migration.statements)} "
        f"statements are done; the next one, at line {line}, may be done or not. Look; then either "
        f"do the rest by hand and: UPDATE {TABLE} SET ended_at = NOW(3) {where}; or undo what is "
        f"done by hand and: DELETE FROM {TABLE} {where}"
    )


def _lock_name(db: Database) -> str:
    """Of the database: the server's locks are for all of its databases, and have short names."""
    database = db.config.primary.database
    return f"migrations-{hashlib.sha256(database.encode()).hexdigest()[:32]}"


@contextmanager
def _connection(db: Database) -> Iterator[Connection]:
    """A connection of its own, on which each statement commits by itself."""
    config = db.config
    timeouts = replace(
        config.timeouts,
        read=_STATEMENT_SECONDS,
        select=_STATEMENT_SECONDS / 2,
        lock=_LOCK_SECONDS,
    )
    made = engine.make(
        config.primary,
        timeouts,
        config.tls,
        autocommit=True,
        left=lambda: timeouts.connect,
        failures=Failures(config.primary.address, db.clock.monotonic, timeouts.read),
        pool=NullPool,
    )
    with made.connect() as connection:
        yield connection
