"""A schema in SQL files, for the services that speak SQL."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from pkg.dockertest.errors import InvalidOption, SchemaFailed
from pkg.dockertest.snapshots.content import Content
from pkg.dockertest.snapshots.seed import Seed, refuse_function, shown, unreadable
from pkg.sql import Dialect, split

Execute: TypeAlias = Callable[[str], object]
Session: TypeAlias = "Callable[[Any], AbstractContextManager[Execute]]"

_SHOWN_CHARACTERS = 200
_STATEMENT = re.compile(r"\s*(ALTER|CREATE|DROP|INSERT|SELECT|SET|USE)\s[^;(]*[;(]", re.IGNORECASE)
_TEXT = (str, bytes)  # iterable, and no list


@dataclass(frozen=True)
class SqlFile:
    """A file that was read.

    Attributes:
        path: as it was named.
        text: its content.
    """

    path: Path
    text: str


def checked(service: str, value: object) -> "tuple[Path, ...] | Seed[Any]":
    """The option `schema`, as a value keeps it: paths, or a seed.

    Raises:
        InvalidOption: it is neither, or a function without a version.
    """
    option = f"{service}(schema=…)"
    if isinstance(value, Seed):
        return value
    refuse_function(option, value)
    paths: list[Path] = []
    for path in value if isinstance(value, Iterable) and not isinstance(value, _TEXT) else [value]:
        if not isinstance(path, str | Path) or not str(path):
            raise InvalidOption(
                f"{option}: {path!r} is no path; schema must be a path or a list of paths of SQL "
                'files or folders, or Seed(function, version="1")'
            )
        if isinstance(path, str) and _STATEMENT.match(path) and not path.endswith(".sql"):
            raise InvalidOption(
                f"{option} takes files, and this is SQL: {_short(path.strip())!r}; write it to a "
                'file, and give its path, such as Path(__file__).with_name("schema.sql")'
            )
        paths.append(Path(path))
    return tuple(paths)


def content(
    service: str,
    schema: "tuple[Path, ...] | Seed[Any]",
    decides: Sequence[object],
    dialect: Dialect,
    session: Session,
) -> Content | None:
    """What `schema` puts into a server; None for nothing.

    Args:
        decides: what else the content depends on, such as the database's name.
        dialect: how the files are split.
        session: opens a session of its own on a server, for each file.

    Raises:
        InvalidOption: a file cannot be read, is not UTF-8, or a folder holds none.
    """
    option = f"{service}(schema=…)"
    if isinstance(schema, Seed):
        return Content(option, ("seed", *schema.parts(), *decides), schema.fill)
    if not schema:
        return None
    files = read(schema, option)
    hashes = [hashlib.sha256(file.text.encode()).hexdigest() for file in files]

    def fill(server: Any) -> None:
        for file in files:
            with session(server) as execute:
                _apply(file, dialect, execute, option)

    return Content(option, ("files", *hashes, *decides), fill)


def read(paths: Sequence[Path], option: str) -> list[SqlFile]:
    """The files in their order; of a folder its *.sql by name."""
    files = []
    for path in paths:
        found = sorted(path.glob("*.sql")) if path.is_dir() else [path]
        if not found:
            raise InvalidOption(f"{option}: the folder {shown(path)} has no file *.sql")
        for one in found:
            try:
                text = one.read_bytes().decode("utf-8-sig")
            except OSError as error:
                raise unreadable(one, option, error) from error
            except UnicodeDecodeError as error:
                raise InvalidOption(
                    f"{option}: {shown(one)} is not UTF-8: {error.reason} at byte {error.start}"
                ) from error
            files.append(SqlFile(one, text))
    return files


def _apply(file: SqlFile, dialect: Dialect, execute: Execute, option: str) -> None:
    for statement in split(file.text, dialect):
        try:
            execute(statement.text)
        except ImportError:
            raise
        except Exception as error:
            short = _short(statement.text)
            raise SchemaFailed(
                f"{option}: {shown(file.path)}, line {statement.line}: the server refused this:\n"
                f"  {short}\n"
                f"it says: {error}",
                file=file.path,
                line=statement.line,
                statement=short,
            ) from error


def _short(sql: str) -> str:
    return sql[:_SHOWN_CHARACTERS] + ("…" if len(sql) > _SHOWN_CHARACTERS else "")
