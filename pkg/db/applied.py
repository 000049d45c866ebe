"""The table that knows which migrations a database has had."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from pkg.db.migration_files import Migration

TABLE = "migrations"

_CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    number INT UNSIGNED NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    statements INT UNSIGNED NOT NULL COMMENT 'how many the file has',
    done INT UNSIGNED NOT NULL COMMENT 'how many of them are done',
    begun_at DATETIME(3) NOT NULL,
    ended_at DATETIME(3) NULL
) CHARACTER SET utf8mb4
"""


@dataclass(frozen=True)
class Row:
    """A migration that was begun.

    Attributes:
        done: how many of its statements are known to be done.
        is_ended: whether all are.
    """

    number: int
    name: str
    checksum: str
    done: int
    is_ended: bool


class Applied:
    """The table, through a connection that commits each statement by itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(self) -> None:
        """Makes the table if it is not there."""
        self._connection.execute(text(_CREATE))

    def exists(self) -> bool:
        """Whether the table is there."""
        return bool(self._connection.scalars(text(f"SHOW TABLES LIKE '{TABLE}'")).all())

    def rows(self) -> Sequence[Row]:
        """What was begun, in order."""
        found = self._connection.execute(
            text(
                "SELECT number, name, checksum, done, ended_at IS NOT NULL"
                f" FROM {TABLE} ORDER BY number"
            )
        )
        return [Row(row[0], row[1], row[2], row[3], bool(row[4])) for row in found]

    def begin(self, migration: Migration) -> None:
        """Notes that a migration is about to begin."""
        self._connection.execute(
            text(
                f"INSERT INTO {TABLE} (number, name, checksum, statements, done, begun_at)"
                " VALUES (:number, :name, :checksum, :statements, 0, NOW(3))"
            ),
            {
                "number": migration.number,
                "name": migration.name,
                "checksum": migration.checksum,
                "statements": len(migration.statements),
            },
        )

    def progress(self, migration: Migration, done: int) -> None:
        """Notes how many statements are done."""
        self._connection.execute(
            text(f"UPDATE {TABLE} SET done = :done WHERE number = :number"),
            {"done": done, "number": migration.number},
        )

    def end(self, migration: Migration) -> None:
        """Notes that all of it is done."""
        self._connection.execute(
            text(f"UPDATE {TABLE} SET done = statements, ended_at = NOW(3) WHERE number = :number"),
            {"number": migration.number},
        )

    def forget(self, migration: Migration) -> None:
        """Notes that nothing of it was done."""
        self._connection.execute(
            text(f"DELETE FROM {TABLE} WHERE number = :number"), {"number": migration.number}
        )
