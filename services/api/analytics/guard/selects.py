"""Reads SELECTs."""

from collections.abc import Sequence
from typing import Literal

from services.api.analytics.guard.errors import NotTaken
from services.api.analytics.guard.expressions import Expressions
from services.api.analytics.guard.nodes import (
    Combined,
    Combining,
    Compared,
    Expression,
    Item,
    Join,
    Order,
    Query,
    Select,
    Source,
)
from services.api.analytics.guard.reader import Reader
from services.api.analytics.guard.shapes import conditions
from services.api.analytics.guard.tokens import Kind


def read(query: str) -> Query:
    """A caller's query, with a semicolon behind it or not.

    Raises:
        NotTaken: it is something else.
    """
    reader = Reader(query)
    if not (reader.next.is_word("SELECT", "WITH") or reader.next.is_sign("(")):
        raise NotTaken(f"{reader.next.shown} begins the query", "begin it with SELECT or WITH")
    found = _Selects(reader).one()
    reader.takes_sign(";")
    if reader.next.kind is not Kind.END:
        raise reader.unexpected("the end")
    return found


class _Selects:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._expressions = Expressions(reader, self.one)
        # What WITH has named, in the order in which it stands there.
        self._named: dict[str, Query] = {}

    def one(self) -> Query:
        """A SELECT, or several, with what WITH names before them."""
        with self._reader.deeper():
            before = self._named.copy()
            if self._reader.takes_word("WITH"):
                self._name()
                while self._reader.takes_sign(","):
                    self._name()
            found = self._combined()
            self._named = before
            return found

    def _combined(self) -> Query:
        first = self._part()
        rest: list[tuple[Combining, Query]] = []
        while combining := self._combining():
            rest.append((combining, self._part()))
        return Combined(first, rest) if rest else first

    def _combining(self) -> Combining | None:
        reader = self._reader
        if reader.takes_word("UNION", "ALL"):
            return "UNION ALL"
        if reader.takes_word("UNION", "DISTINCT") or reader.takes_word("UNION"):
            return "UNION DISTINCT"
        return "EXCEPT" if reader.takes_word("EXCEPT") else None

    def _part(self) -> Query:
        reader = self._reader
        if not reader.takes_sign("("):
            return self._select()
        found = self.one()
        reader.needs_sign(")")
        return found

    def _name(self) -> None:
        reader = self._reader
        name = reader.name("a name and AS (SELECT …)")
        reader.needs_word("AS")
        reader.needs_sign("(")
        self._named[name] = self.one()
        reader.needs_sign(")")

    def _select(self) -> Select:
        reader, expressions = self._reader, self._expressions
        reader.needs_word("SELECT")
        distinct = reader.takes_word("DISTINCT")
        items = [self._item()]
        while reader.takes_sign(","):
            items.append(self._item())
        reader.needs_word("FROM")
        source, joins = self._source(), []
        while join := self._join():
            joins.append(join)
        where = expressions.one() if reader.takes_word("WHERE") else None
        group = expressions.several() if reader.takes_word("GROUP", "BY") else []
        having = expressions.one() if reader.takes_word("HAVING") else None
        order = self._order() if reader.takes_word("ORDER", "BY") else []
        limit_by, limit, offset = self._limits()
        return Select(
            distinct=distinct,
            items=items,
            source=source,
            joins=joins,
            where=where,
            group=group,
            having=having,
            order=order,
            limit_by=limit_by,
            limit=limit,
            offset=offset,
        )

    def _item(self) -> Item:
        begin = self._reader.next
        expression = self._expressions.one()
        written = self._reader.written_since(begin)
        return Item(expression, self._alias(), written)

    def _alias(self) -> str:
        reader = self._reader
        return reader.name("a name") if reader.takes_word("AS") or reader.has_name else ""

    def _source(self) -> Source:
        reader = self._reader
        if reader.takes_sign("("):
            table: str | Query = self.one()
            reader.needs_sign(")")
            name = ""
        else:
            name = reader.name("a table or a subquery")
            if reader.next.is_sign("("):
                raise NotTaken(f"the table function {name[:64]}", "ask one of the tables")
            if reader.next.is_sign("."):
                raise NotTaken("the name of a database", "name the table alone")
            table = self._named.get(name, name)
        alias = self._alias()
        if reader.next.is_sign(","):
            raise NotTaken("a second table", "use JOIN … ON …")
        return Source(table, alias or name)

    def _join(self) -> Join | None:
        reader = self._reader
        if reader.takes_word("JOIN") or reader.takes_word("INNER", "JOIN"):
            kind: Literal["INNER", "LEFT"] = "INNER"
        elif reader.takes_word("LEFT", "JOIN") or reader.takes_word("LEFT", "OUTER", "JOIN"):
            kind = "LEFT"
        else:
            return None
        source = self._source()
        if reader.takes_word("USING"):
            return Join(kind, source, [], self._using())
        reader.needs_word("ON")
        return Join(kind, source, self._equal(), [])

    def _using(self) -> list[str]:
        reader = self._reader
        in_parentheses = reader.takes_sign("(")
        found = [reader.name("a column")]
        while reader.takes_sign(","):
            found.append(reader.name("a column"))
        if in_parentheses:
            reader.needs_sign(")")
        return found

    def _equal(self) -> list[tuple[Expression, Expression]]:
        found = []
        for condition in conditions(self._expressions.one()):
            match condition:
                case Compared(left, "=", right):
                    found.append((left, right))
                case _:
                    raise NotTaken(
                        "a condition behind ON that is no a = b", "put others behind WHERE"
                    )
        return found

    def _order(self) -> list[Order]:
        found = [self._ordered()]
        while self._reader.takes_sign(","):
            found.append(self._ordered())
        return found

    def _ordered(self) -> Order:
        reader, expression = self._reader, self._expressions.one()
        descending = reader.takes_word("DESC")
        if not descending:
            reader.takes_word("ASC")
        if reader.takes_word("NULLS", "FIRST"):
            return Order(expression, descending, "FIRST")
        return Order(expression, descending, "LAST" if reader.takes_word("NULLS", "LAST") else "")

    def _limits(
        self,
    ) -> tuple[tuple[int, Sequence[Expression]] | None, int | None, int | None]:
        """LIMIT n BY …, LIMIT n, and OFFSET."""
        reader = self._reader
        limit_by = None
        if not reader.takes_word("LIMIT"):
            return None, None, None
        first = reader.whole_number()
        if reader.takes_word("BY"):
            limit_by = (first, self._expressions.several())
            if not reader.takes_word("LIMIT"):
                return limit_by, None, None
            first = reader.whole_number()
        if reader.takes_sign(","):
            return limit_by, reader.whole_number(), first
        return limit_by, first, reader.whole_number() if reader.takes_word("OFFSET") else None
