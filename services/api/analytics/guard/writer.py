"""Writes a query for ClickHouse, over the verifications of one workspace."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from services.api.analytics.guard.bounds import bounds
from services.api.analytics.guard.errors import NotTaken
from services.api.analytics.guard.expression_writer import ExpressionWriter, alias, quoted
from services.api.analytics.guard.nodes import Expression, Item, Name, Order, Select, Star
from services.api.analytics.guard.scope import Column, Scope
from services.api.analytics.guard.selects import read
from services.api.analytics.guard.shapes import size
from services.api.analytics.guard.tables import View, view

_MOST_CHARACTERS = 200_000  # ClickHouse reads no more than 262,144 of a query
_MOST_EXPRESSIONS = 20_000  # of one SELECT; a query that is as long as it may be has fewer
_DEEPEST = 30
_WORKSPACE = "workspace"
_APIS = "apis"


@dataclass(frozen=True)
class Statement:
    """What ClickHouse is asked.

    Attributes:
        sql: with %(NAME)s where a parameter stands. No text of the caller's is in it but names,
            in quotes, and numbers.
        parameters: by name.
        labels: of the columns, as the caller names them.
    """

    sql: str
    parameters: Mapping[str, str | tuple[str, ...]]
    labels: Sequence[str]


def guarded(query: str, workspace_id: str, apis: Collection[str] | None = None) -> Statement:
    """A caller's SELECT, such that it sees verifications of its own alone.

    Args:
        query: in ClickHouse's SQL, over the tables of `guard.tables`.
        workspace_id: whose verifications there are for it.
        apis: the ids of the APIs whose verifications there are; None for all.

    Raises:
        NotTaken: it is no such query.
    """
    return _Writer(workspace_id, apis).statement(read(query))


class _Writer:
    def __init__(self, workspace_id: str, apis: Collection[str] | None) -> None:
        self._parameters: dict[str, str | tuple[str, ...]] = {_WORKSPACE: workspace_id}
        self._own = [f"workspace_id = %({_WORKSPACE})s"]
        if apis is not None:
            self._parameters[_APIS] = tuple(sorted(set(apis)))
            self._own.append(f"api_id IN %({_APIS})s")
        self._written = self._depth = 0
        self._numbers = itertools.count(1)  # of columns that the caller has not named

    def statement(self, select: Select) -> Statement:
        sql, columns = self._select(select)
        return Statement(sql, self._parameters, [column.label for column in columns])

    def _bind(self, text: str) -> str:
        name = f"p{len(self._parameters)}"
        self._parameters[name] = text
        return f"%({name})s"

    def _select(self, select: Select) -> tuple[str, Sequence[Column]]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotTaken("subqueries within one another", f"at most {_DEEPEST} of them")
        known: dict[int, int] = {}
        if sum(size(each, known) for each in _expressions(select)) > _MOST_EXPRESSIONS:
            raise _too_long()  # before it is written, or looked through
        source, columns = self._source(select)
        aliases = {alias(item.hides) for item in select.items if item.hides}
        scope = Scope(columns, select.source.names, aliases)
        expressions = ExpressionWriter(scope, self._bind, self._select)
        items, returned = self._items(select.items, scope, expressions)
        qualifiers = "".join(f" AS {quoted(alias(name))}" for name in select.source.names)
        sql = " ".join(
            [
                f"SELECT {'DISTINCT ' if select.distinct else ''}{items}",
                f"FROM ({source}){qualifiers}",
                *_clauses(select, expressions),
            ]
        )
        self._depth -= 1
        self._written += len(sql)
        if self._written > _MOST_CHARACTERS:
            raise _too_long()
        return sql, returned

    def _source(self, select: Select) -> tuple[str, Sequence[Column]]:
        table = select.source.table
        if isinstance(table, Select):
            return self._select(table)
        asked: View = view(table)
        columns = [Column(name, name, asked.meaning(name)) for name in asked.columns]
        conditions = [*self._own, *bounds(select, asked, columns, self._bind)]
        return asked.sql(conditions), columns

    def _items(
        self, items: Sequence[Item], scope: Scope, expressions: ExpressionWriter
    ) -> tuple[str, Sequence[Column]]:
        """What stands behind SELECT, and the columns that come of it."""
        texts: list[str] = []
        columns: list[Column] = []
        for item in items:
            match item.expression:
                case Star():
                    texts += [quoted(column.identifier) for column in scope.columns]
                    columns += scope.columns
                    continue
                case Name() as name if not item.hides and (column := scope.column(name)):
                    texts.append(expressions.one(name))
                    columns.append(column)
                    continue
            identifier = item.alias or f"column_{next(self._numbers)}"
            texts.append(f"{expressions.one(item.expression)} AS {quoted(identifier)}")
            meaning = expressions.meaning(item.expression)
            columns.append(Column(item.alias or item.written, identifier, meaning))
        return ", ".join(texts), columns


def _expressions(select: Select) -> list[Expression]:
    """All of a SELECT's own."""
    return [
        *(item.expression for item in select.items),
        *(each for each in (select.where, select.having) if each is not None),
        *select.group,
        *(order.expression for order in select.order),
        *(select.limit_by[1] if select.limit_by is not None else ()),
    ]


def _too_long() -> NotTaken:
    return NotTaken("a query that becomes so long", "ask for less at a time")


def _clauses(select: Select, expressions: ExpressionWriter) -> list[str]:
    """What stands behind the table."""
    found = []
    if select.where is not None:
        found.append(f"WHERE {expressions.one(select.where)}")
    if select.group:
        found.append(f"GROUP BY {expressions.several(select.group)}")
    if select.having is not None:
        found.append(f"HAVING {expressions.one(select.having)}")
    if select.order:
        found.append(f"ORDER BY {', '.join(_order(each, expressions) for each in select.order)}")
    if select.limit_by is not None:
        count, by = select.limit_by
        found.append(f"LIMIT {count} BY {expressions.several(by)}")
    if select.limit is not None:
        found.append(f"LIMIT {select.offset or 0}, {select.limit}")
    return found


def _order(order: Order, expressions: ExpressionWriter) -> str:
    nulls = f" NULLS {order.nulls}" if order.nulls else ""
    return f"{expressions.one(order.expression)} {'DESC' if order.descending else 'ASC'}{nulls}"
