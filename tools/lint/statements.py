"""The SQL that the code sends to ClickHouse, and what the current engine says to it.

Read from the source: every text that begins like a statement, in Python files that import a
client of ClickHouse and none of MySQL, and do not say in a comment that they are left out. Each
function's statements run in the order of the source, after those at the module's level, in a
database of their own; what is only known at run time is `x` in a name and NULL in a parameter.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tools.lint.checkout import Checkout

_CLICKHOUSE = {"clickhouse_driver", "pkg.dockertest.clickhouse"}
_MYSQL = {"MySQLdb", "pkg.dockertest.mysql"}
_BEGIN = re.compile(
    r"\s*(ALTER|CREATE|DELETE|DROP|EXISTS|INSERT|OPTIMIZE|RENAME|SELECT|SHOW|TRUNCATE|WITH)\s", re.I
)
_PARAMETER = re.compile(r"%\(\w+\)s")
# Of files about access control, whose users the engine in the process has not.
_LEFT_OUT = "\n# Left out by //tools/lint:statements_test: "
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Statement:
    """One statement.

    Attributes:
        line: of the source, from 1.
    """

    line: int
    sql: str


def statements(source: str) -> list[list[Statement]]:
    """The statements of a Python file that run one after another; [] if it is not ClickHouse's."""
    tree = ast.parse(source)
    names = set(_imported(tree))
    if not names & _CLICKHOUSE or names & _MYSQL or _LEFT_OUT in source:
        return []
    functions = [node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)]
    outside = list(_texts(tree))
    runs = [found for function in functions if (found := list(_texts(function)))]
    return [outside + found for found in runs] or ([outside] if outside else [])


def violations(checkout: Checkout, query: Callable[[str], object]) -> list[str]:
    """One line for each statement that is refused.

    Args:
        query: runs a statement, and raises what it refuses it with.
    """
    found = []
    for name in checkout.files("*.py"):
        for run in statements(checkout.text(name)):
            query("CREATE DATABASE current")
            query("USE current")
            for one in run:
                try:
                    query(one.sql)
                except Exception as error:
                    said = str(error).splitlines()[0]
                    found.append(f"{name}:{one.line}: {one.sql!r} on a current ClickHouse: {said}")
            query("DROP DATABASE IF EXISTS current")
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, node.module.split(".")[0])
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _texts(top: ast.AST) -> Iterator[Statement]:
    """The statements below a node, but not those in functions, nor docstrings."""
    for node in ast.iter_child_nodes(top):
        if isinstance(node, _FUNCTIONS) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            continue
        text = _text(node)
        if text is None:
            yield from _texts(node)
        elif _BEGIN.match(text):
            yield Statement(node.lineno, _PARAMETER.sub("NULL", text))  # type: ignore[attr-defined]


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "x" for part in node.values)
    return None
