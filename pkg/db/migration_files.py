"""The files of a folder of migrations."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pkg.db.errors import MigrationError
from pkg.sql import MYSQL, Statement, split

_NAME = re.compile(r"(\d{4})_[a-z0-9][a-z0-9_]*\.sql")


@dataclass(frozen=True)
class Migration:
    """One file.

    Attributes:
        number: its place, counted from 1.
        name: the file's.
        checksum: of its text; ends of lines do not count.
        statements: what is in it, in order.
    """

    number: int
    name: str
    checksum: str
    statements: Sequence[Statement]


def read(folder: Path) -> list[Migration]:
    """The migrations of a folder, in their order.

    Raises:
        MigrationError: a file's name is none, or cannot be read, a number is missing or there
            twice, or a file has no statement.
    """
    found = sorted(folder.glob("*.sql"))
    if not found:
        raise MigrationError(f"migrations: the folder {folder} has no file such as 0001_first.sql")
    migrations: list[Migration] = []
    for path in found:
        one = _read(path)
        expected = len(migrations) + 1
        if migrations and one.number == expected - 1:
            raise MigrationError(
                f"migrations: {migrations[-1].name} and {one.name} have one number; give the one "
                "that was not released yet the next"
            )
        if one.number != expected:
            raise MigrationError(
                f"migrations: {one.name} comes where {expected:04} should: a file is missing, or "
                "its number is too high"
            )
        migrations.append(one)
    return migrations


def _read(path: Path) -> Migration:
    form = _NAME.fullmatch(path.name)
    if not form:
        raise MigrationError(
            f"migrations: {path.name}: name it as 0001_what_it_does.sql, in lower case"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise MigrationError(f"migrations: {path}: it cannot be read as UTF-8: {error}") from error
    statements = list(split(text, MYSQL))
    if not statements:
        raise MigrationError(f"migrations: {path.name}: it has no statement")
    checksum = hashlib.sha256(text.encode()).hexdigest()
    return Migration(int(form[1]), path.name, checksum, statements)
