"""Bounds of the time that a query names, for the table itself: so that it reads no more of it.

The query's own conditions stay as they are: these only leave out what they would leave out.
"""

from collections.abc import Callable, Iterator, Sequence

from services.api.analytics.guard.expression_writer import ExpressionWriter
from services.api.analytics.guard.functions import milliseconds
from services.api.analytics.guard.nodes import (
    Between,
    Call,
    Chain,
    Compared,
    Expression,
    Name,
    Number,
    Prefixed,
    Query,
    Select,
)
from services.api.analytics.guard.scope import Column, Scope
from services.api.analytics.guard.shapes import conditions, is_constant, within
from services.api.analytics.guard.tables import Meaning, View

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}
_LOWER = {"=": ">=", ">": ">=", ">=": ">="}
# A bucket's time may be a date, which another time zone begins earlier.
_SLACK_MS = 24 * 60 * 60 * 1000


def bounds(
    select: Select, asked: View, columns: Sequence[Column], bind: Callable[[str], str]
) -> list[str]:
    """Conditions for the table's own times that follow from those of a SELECT.

    Args:
        select: of that table.
        asked: the table.
        columns: those that it has.
        bind: makes a parameter of a text.
    """
    if any(item.hides == "time" for item in select.items):
        return []  # then it is another one that is compared
    scope = Scope(columns)
    expressions = ExpressionWriter(scope, bind, _no_subquery)
    found = []
    for sign, limit in _comparisons(select.where):
        if not is_constant(limit):
            continue
        is_moment = expressions.meaning(limit) is Meaning.MOMENT
        if asked.is_raw and (is_moment or _is_number(limit)):
            text = expressions.one(limit)
            found.append(f"at {sign} {milliseconds(text) if is_moment else text}")
        elif not asked.is_raw and is_moment and sign in _LOWER:
            text = milliseconds(expressions.one(limit))
            found.append(f"at {_LOWER[sign]} {text} - {_SLACK_MS}")
    return found


def _comparisons(where: Expression | None) -> Iterator[tuple[str, Expression]]:
    """What the time is compared with, and how."""
    for condition in conditions(where):
        match condition:
            case Compared(Name("time"), sign, limit) if sign in _TURNED:
                yield sign, limit
            case Compared(limit, sign, Name("time")) if sign in _TURNED:
                yield _TURNED[sign], limit
            case Between(Name("time"), low, high):
                yield ">=", low
                yield "<=", high


def _is_number(limit: Expression) -> bool:
    """Whether it is one for certain."""
    return all(isinstance(each, Number | Chain | Prefixed) for each in within(limit)) or (
        isinstance(limit, Call) and limit.function.lower() == "tounixtimestamp64milli"
    )


def _no_subquery(query: Query) -> str:
    raise AssertionError(f"a constant has no subquery: {query}")
