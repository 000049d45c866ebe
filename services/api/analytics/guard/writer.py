"""Writes a query for ClickHouse, over the verifications of one workspace."""

import itertools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from services.api.analytics.guard import functions
from services.api.analytics.guard.bounds import bounds
from services.api.analytics.guard.combining import Side, Written, combined, joined
from services.api.analytics.guard.errors import NotTaken
from services.api.analytics.guard.expression_writer import ExpressionWriter, alias, quoted
from services.api.analytics.guard.nodes import (
    Call,
    Expression,
    Item,
    Join,
    Lambda,
    Name,
    Order,
    Query,
    Select,
    Source,
    Star,
)
from services.api.analytics.guard.scope import Column, Scope
from services.api.analytics.guard.selects import read
from services.api.analytics.guard.shapes import size, within
from services.api.analytics.guard.tables import View, view

_MOST_CHARACTERS = 200_000  # ClickHouse reads no more than 262,144 of a query
_MOST_EXPRESSIONS = 20_000  # of one SELECT; a query that is as long as it may be has fewer
_DEEPEST = 30
_WORKSPACE = "workspace"
_APIS = "apis"
_ON = "compare a column of those before with one of the joined table"


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
    """A caller's query, such that it sees verifications of its own alone.

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
        self._numbers = itertools.count(1)  # of columns that get a name of ours

    def statement(self, query: Query) -> Statement:
        found = self._query(query)
        return Statement(found.sql, self._parameters, [column.label for column in found.columns])

    def _bind(self, text: str) -> str:
        name = f"p{len(self._parameters)}"
        self._parameters[name] = text
        return f"%({name})s"

    def _name(self) -> str:
        return f"_{next(self._numbers)}"

    def _expressions(self, scope: Scope) -> ExpressionWriter:
        return ExpressionWriter(scope, self._bind, lambda query: self._query(query).sql)

    def _query(self, query: Query) -> Written:
        if isinstance(query, Select):
            return self._select(query)
        found = self._query(query.first)
        for combining, other in query.rest:
            found = combined(found, combining, self._query(other))
        return found

    def _select(self, select: Select) -> Written:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotTaken("subqueries within one another", f"at most {_DEEPEST} of them")
        known: dict[int, int] = {}
        if sum(size(each, known) for each in _expressions(select)) > _MOST_EXPRESSIONS:
            raise _too_long()  # before it is written, or looked through
        source = self._source(select)
        aliases = {alias(item.hides) for item in select.items if item.hides}
        scope = Scope(source.columns, aliases, joined=bool(select.joins))
        expressions = self._expressions(scope)
        items, returned = self._items(select.items, scope, expressions)
        name = "" if select.joins else select.source.name
        sql = " ".join(
            [
                f"SELECT {'DISTINCT ' if select.distinct else ''}{items}",
                f"FROM ({source.sql}){f' AS {quoted(alias(name))}' if name else ''}",
                *_clauses(select, expressions),
            ]
        )
        self._depth -= 1
        self._written += len(sql)
        if self._written > _MOST_CHARACTERS:
            raise _too_long()
        return Written(sql, returned)

    def _source(self, select: Select) -> Written:
        """What stands behind FROM."""
        found = self._table(select.source, None if select.joins else select)
        for join in select.joins:
            found = self._joined(found, join)
        return found

    def _table(self, source: Source, select: Select | None) -> Written:
        """A table or a subquery; its columns have its name.

        Args:
            select: whose conditions bound the time; None if none does.
        """
        if isinstance(source.table, str):
            asked: View = view(source.table)
            columns = [Column(name, name, asked.meaning(name)) for name in asked.columns]
            limits = [] if select is None else bounds(select, asked, columns, self._bind)
            found = Written(asked.sql([*self._own, *limits]), columns)
        else:
            found = self._query(source.table)
        return Written(found.sql, [replace(each, table=source.name) for each in found.columns])

    def _joined(self, before: Written, join: Join) -> Written:
        added = self._table(join.source, None)
        names = {column.table for column in before.columns}
        if "" in names | {join.source.name} or join.source.name in names:
            raise NotTaken("a joined query without a name of its own", "give each one: … AS name")
        scopes = Scope(before.columns, joined=True), Scope(added.columns, joined=True)
        equal = [_in_order(pair, *scopes) for pair in join.equal]
        equal += [(Name(name), Name(name)) for name in join.using]
        one, other = (
            Side(
                query,
                self._name(),
                [self._expressions(scope).one(pair[at]) for pair in equal],
                {each.identifier: self._name() for each in query.different},
            )
            for at, (query, scope) in enumerate(zip((before, added), scopes, strict=True))
        )
        return joined(one, join, other, [self._name() for _ in equal])

    def _items(
        self, items: Sequence[Item], scope: Scope, expressions: ExpressionWriter
    ) -> tuple[str, Sequence[Column]]:
        """What stands behind SELECT, and the columns that come of it."""
        texts: list[str] = []
        columns: list[Column] = []
        for item in items:
            match item.expression:
                case Star():
                    for column in Written("", scope.columns).different:
                        texts.append(quoted(column.identifier))
                        columns.append(_apart(column, columns))
                    continue
                case Name() as name if not item.hides and (known := scope.column(name)):
                    texts.append(expressions.one(name))
                    columns.append(_apart(known, columns))
                    continue
            identifier = item.alias or self._name()
            texts.append(f"{expressions.one(item.expression)} AS {quoted(identifier)}")
            meaning = expressions.meaning(item.expression)
            columns.append(Column(item.alias or item.written, identifier, meaning))
        return ", ".join(texts), columns


def _expressions(select: Select) -> list[Expression]:
    """All of a SELECT's own."""
    return [
        *(item.expression for item in select.items),
        *(each for each in (select.where, select.having) if each is not None),
        *(each for join in select.joins for pair in join.equal for each in pair),
        *select.group,
        *(order.expression for order in select.order),
        *(select.limit_by[1] if select.limit_by is not None else ()),
    ]


def _too_long() -> NotTaken:
    return NotTaken("a query that becomes so long", "ask for less at a time")


def _apart(column: Column, others: Sequence[Column]) -> Column:
    """A column whose label tells it from others, by its table's name where it has to."""
    if column.table and any(column.label == other.label for other in others):
        return replace(column, label=f"{column.table}.{column.label}")
    return column


def _in_order(
    pair: tuple[Expression, Expression], one: Scope, other: Scope
) -> tuple[Expression, Expression]:
    """What must be equal behind ON, that of those before first."""
    if not all(map(_is_of_a_row, pair)):
        raise NotTaken("a condition behind ON without a column on either side", _ON)
    left, right = pair
    if _is_of(left, one) and _is_of(right, other):
        return left, right
    if _is_of(right, one) and _is_of(left, other):
        return right, left
    raise NotTaken("a condition behind ON that is not of both tables", _ON)


def _is_of_a_row(expression: Expression) -> bool:
    every = list(within(expression))
    return any(isinstance(each, Name) for each in every) and not any(
        isinstance(each, Call) and functions.is_aggregate(functions.known(each.function))
        for each in every
    )


def _is_of(expression: Expression, scope: Scope) -> bool:
    """Whether the columns that it names are there."""
    every = list(within(expression))
    arguments = {name for each in every if isinstance(each, Lambda) for name in each.names}
    return all(
        scope.has(each) or (not each.table and each.name in arguments)
        for each in every
        if isinstance(each, Name)
    )


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
