"""Splits SQL into statements, as a database's own command line would."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """One statement of a file.

    Attributes:
        line: where it begins, counted from 1.
        text: the statement, without its delimiter.
    """

    line: int
    text: str


@dataclass(frozen=True)
class Dialect:
    """How a database writes what may hold a semicolon.

    Attributes:
        opaque: matches a comment, a string or a quoted name. One that has no end goes on to the
            end of the file, for the server to complain of.
        comment: matches those of them that are no statement by themselves.
        has_delimiter: whether `DELIMITER //` is a command of its command line.
    """

    opaque: "re.Pattern[str]"
    comment: "re.Pattern[str]"
    has_delimiter: bool = False


_BLOCK = r"/\*(?:.*?\*/|.*\Z)"
_ESCAPED = r"'(?:[^'\\]|\\.)*(?:'|\Z)|\"(?:[^\"\\]|\\.)*(?:\"|\Z)"

# Two dashes begin a comment only before a space; /*! */ holds code, /*+ */ a hint.
_MYSQL_COMMENT = r"--(?=\s|\Z)[^\n]*|#[^\n]*"
MYSQL = Dialect(
    re.compile(rf"{_MYSQL_COMMENT}|{_BLOCK}|{_ESCAPED}|`[^`]*(?:`|\Z)", re.S),
    re.compile(rf"{_MYSQL_COMMENT}|/\*(?!!).*?(?:\*/|\Z)", re.S),
    has_delimiter=True,
)
CLICKHOUSE = Dialect(
    re.compile(
        rf"--[^\n]*|{_BLOCK}|{_ESCAPED}|`(?:[^`\\]|\\.)*(?:`|\Z)"
        r"|\$(?P<tag>\w*)\$(?:.*?\$(?P=tag)\$|.*\Z)",
        re.S,
    ),
    re.compile(rf"--[^\n]*|{_BLOCK}", re.S),
)

_COMMAND = re.compile(r"delimiter[ \t]+(\S+)[^\n]*", re.I)
_SPACE = re.compile(r"\s+")


def split(text: str, dialect: Dialect) -> Iterator[Statement]:
    """The statements of a text in their order; what is only space and comments is none.

    A comment before a statement is not part of it, one within it is.
    """
    delimiter = ";"
    at = counted = 0
    line = 1
    while (at := _skip(text, at, dialect)) < len(text):
        if dialect.has_delimiter and (command := _COMMAND.match(text, at)):
            delimiter = command[1]
            at = command.end()
            continue
        end = _end(text, at, delimiter, dialect)
        if statement := text[at:end].rstrip():
            line += text.count("\n", counted, at)
            counted = at
            yield Statement(line, statement)
        at = end + len(delimiter)


def _skip(text: str, at: int, dialect: Dialect) -> int:
    """Where the next statement begins."""
    while found := _SPACE.match(text, at) or dialect.comment.match(text, at):
        at = found.end()
    return at


def _end(text: str, at: int, delimiter: str, dialect: Dialect) -> int:
    """Where the delimiter of the statement is that begins at `at`."""
    step = re.compile(rf"(?P<end>{re.escape(delimiter)})|{dialect.opaque.pattern}", re.S)
    for found in step.finditer(text, at):
        if found["end"] is not None:
            return found.start()
    return len(text)
