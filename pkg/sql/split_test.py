"""A file of SQL is split where the database's own command line would split it."""

import pytest

from pkg.sql import CLICKHOUSE, MYSQL, Dialect, split

BOTH = pytest.mark.parametrize("dialect", [MYSQL, CLICKHOUSE], ids=["mysql", "clickhouse"])


def texts(text: str, dialect: Dialect) -> list[str]:
    return [one.text for one in split(text, dialect)]


@BOTH
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'a;b'",
        "SELECT 'it''s; fine'",
        r"SELECT 'a\';b'",
        r"SELECT 'a\\'",
        'SELECT "a;b"',
        "SELECT `a;b`",
        "SELECT 1 /* a;b */ + 1",
        "SELECT 1 -- a;b\n+ 1",
        "SELECT '-- ;'",
        "SELECT '/* ;'",
        "SELECT 'ż;🐢'",
        "SELECT 4/2",
    ],
)
def test_what_is_quoted_or_said_beside_does_not_split(statement: str, dialect: Dialect) -> None:
    """In strings, names and comments within a statement."""
    assert texts(f"{statement};\nSELECT 2;", dialect) == [statement, "SELECT 2"]


@BOTH
@pytest.mark.parametrize(
    "nothing", ["", " \n", ";;", "-- only this", "/* and; this */\n;", "\r\n;"]
)
def test_what_is_no_statement_is_left_out(nothing: str, dialect: Dialect) -> None:
    """A server would refuse it as an empty query."""
    assert texts(nothing, dialect) == []


@BOTH
def test_the_last_statement_needs_no_semicolon(dialect: Dialect) -> None:
    """As on a command line."""
    assert texts("SELECT 1;\nSELECT 2\n", dialect) == ["SELECT 1", "SELECT 2"]


@BOTH
def test_the_line_is_the_statement_s_first(dialect: Dialect) -> None:
    """Not that of the comment before it."""
    text = "-- a schema\n\nCREATE TABLE a (\n  id INT\n);\n/* two\nlines */ SELECT 2; SELECT 3"
    assert [one.line for one in split(text, dialect)] == [3, 7, 7]


@BOTH
@pytest.mark.parametrize("opened", ["SELECT 'a; SELECT 2;", "SELECT `a; b;", "SELECT 1 /* a; b;"])
def test_what_has_no_end_goes_to_the_server_whole(opened: str, dialect: Dialect) -> None:
    """Which says what is wrong with it."""
    assert texts(opened, dialect) == [opened]


def test_mysql_takes_another_delimiter() -> None:
    """For the bodies of procedures and triggers, until it is given back."""
    body = "CREATE PROCEDURE p()\nBEGIN\n  SELECT 1; SELECT '//';\nEND"
    text = f"DELIMITER //\n{body}//\nSELECT 1 //\ndelimiter ;\nSELECT 2;"
    assert texts(text, MYSQL) == [body, "SELECT 1", "SELECT 2"]
    assert [one.line for one in split(text, MYSQL)] == [2, 6, 8]


def test_mysql_keeps_the_comments_that_hold_code() -> None:
    """As mysqldump writes them; those that hold none are left out before a statement."""
    text = "/*!40101 SET NAMES utf8mb4 */;\n/* none */\nSELECT /*+ NO_ICP(t) */ 1 FROM t;"
    assert texts(text, MYSQL) == [
        "/*!40101 SET NAMES utf8mb4 */",
        "SELECT /*+ NO_ICP(t) */ 1 FROM t",
    ]


def test_mysql_s_comments() -> None:
    """A # begins one; two dashes do before a space only."""
    assert texts("# a;b\nSELECT 5--3; SELECT 1 # c;d\n;--", MYSQL) == [
        "SELECT 5--3",
        "SELECT 1 # c;d",
    ]


def test_mysql_s_names_know_no_backslash() -> None:
    """So that this is a whole one."""
    assert texts(r"SELECT 1 AS `a\`; SELECT 2", MYSQL) == [r"SELECT 1 AS `a\`", "SELECT 2"]


def test_clickhouse_s_comments_and_heredocs() -> None:
    """Two dashes always begin a comment; $$ and $tag$ quote."""
    assert texts("SELECT 1 --a;b\n; SELECT $$a;b$$; SELECT $x$ $$;$x$", CLICKHOUSE) == [
        "SELECT 1 --a;b",
        "SELECT $$a;b$$",
        "SELECT $x$ $$;$x$",
    ]


def test_a_large_file_is_split_in_linear_time() -> None:
    """Ten thousand statements, of 100 characters each."""
    text = f"INSERT INTO t VALUES ('{'x' * 70};');\n" * 10_000
    statements = list(split(text, MYSQL))
    assert (len(statements), statements[-1].line) == (10_000, 10_000)
