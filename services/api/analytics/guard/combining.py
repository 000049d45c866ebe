"""Puts queries together that are written already: UNION, EXCEPT, JOIN."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.api.analytics.guard.errors import NotTaken
from services.api.analytics.guard.expression_writer import quoted
from services.api.analytics.guard.nodes import Combining, Join
from services.api.analytics.guard.scope import Column
from services.api.analytics.guard.tables import Meaning


@dataclass(frozen=True)
class Written:
    """A query as ClickHouse is asked it, and its columns."""

    sql: str
    columns: Sequence[Column]

    @property
    def different(self) -> list[Column]:
        """Its columns, those that are one by several names once."""
        found: dict[str, Column] = {}
        for column in self.columns:
            found.setdefault(column.identifier, column)
        return list(found.values())


def combined(one: Written, combining: Combining, other: Written) -> Written:
    """What becomes of two queries; the columns have the first one's names.

    Raises:
        NotTaken: one has more columns than the other.
    """
    if len(one.columns) != len(other.columns):
        raise NotTaken(f"{combining} of other numbers of columns", "give both the same")
    names = ", ".join(quoted(column.identifier) for column in one.columns)
    if combining == "EXCEPT":
        row = names if len(one.columns) == 1 else f"tuple({names})"
        sql = f"SELECT {names} FROM ({one.sql}) WHERE not({row} IN ({other.sql}))"
        return Written(sql, one.columns)
    sql = f"{one.sql} UNION ALL {other.sql}"
    if combining == "UNION DISTINCT":
        sql = f"SELECT DISTINCT {names} FROM ({sql})"
    pairs = zip(one.columns, other.columns, strict=True)
    return Written(
        sql,
        [
            replace(a, meaning=a.meaning if a.meaning is b.meaning else Meaning.OTHER)
            for a, b in pairs
        ],
    )


@dataclass(frozen=True)
class Side:
    """What is joined.

    Attributes:
        name: of ours; current servers want one.
        keys: expressions that must be equal to the other side's.
        names: new ones for its columns, by the old ones: no two of both sides are alike.
    """

    query: Written
    name: str
    keys: Sequence[str]
    names: dict[str, str]

    @property
    def columns(self) -> list[Column]:
        """By their new names."""
        return [
            replace(each, identifier=self.names[each.identifier]) for each in self.query.columns
        ]

    def sql(self, keys: Sequence[str]) -> str:
        """A subquery of the columns and the keys, by these names."""
        items = [f"{quoted(old)} AS {quoted(new)}" for old, new in self.names.items()]
        items += [f"{sql} AS {quoted(key)}" for sql, key in zip(self.keys, keys, strict=True)]
        return f"(SELECT {', '.join(items)} FROM ({self.query.sql})) AS {quoted(self.name)}"


def joined(one: Side, join: Join, other: Side, keys: Sequence[str]) -> Written:
    """The rows of both sides whose keys are equal.

    Args:
        keys: names for them.
    """
    ours, theirs = one.columns, other.columns
    merged = {column.label: column.identifier for column in ours if column.label in join.using}
    columns = [
        *ours,
        *(replace(each, identifier=merged.get(each.label, each.identifier)) for each in theirs),
    ]
    names = ", ".join(quoted(column.identifier) for column in Written("", columns).different)
    return Written(
        f"SELECT {names} FROM {one.sql(keys)} "
        f"ALL {join.kind} JOIN {other.sql(keys)} USING ({', '.join(map(quoted, keys))})",
        columns,
    )
