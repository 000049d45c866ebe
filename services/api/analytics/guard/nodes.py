"""What a query is made of, once it was read. What has no node here can't be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Text:
    """A text."""

    value: str


@dataclass(frozen=True)
class Number:
    """A number, as it is written."""

    digits: str


@dataclass(frozen=True)
class Null:
    """NULL."""


@dataclass(frozen=True)
class Star:
    """`*`, as a column or in count(*)."""


@dataclass(frozen=True)
class Name:
    """A column, an alias, or a lambda's argument.

    Attributes:
        table: before the dot; "" without.
    """

    name: str
    table: str = ""


@dataclass(frozen=True)
class Call:
    """A function.

    Attributes:
        parameters: in parentheses of their own before the arguments: quantile(0.9)(x).
        distinct: count(DISTINCT x).
    """

    function: str
    arguments: "Sequence[Expression]"
    parameters: Sequence[Number] = ()
    distinct: bool = False


@dataclass(frozen=True)
class Lambda:
    """`x -> …`, as a function's argument."""

    names: Sequence[str]
    body: "Expression"


@dataclass(frozen=True)
class Chain:
    """Operands of operators that bind alike, from the left to the right."""

    first: "Expression"
    rest: "Sequence[tuple[str, Expression]]"


@dataclass(frozen=True)
class Prefixed:
    """NOT or - before an operand."""

    sign: Literal["NOT", "-"]
    operand: "Expression"


@dataclass(frozen=True)
class Compared:
    """Two operands with =, !=, <, <=, >, >=, LIKE or ILIKE between them."""

    left: "Expression"
    sign: str
    right: "Expression"


@dataclass(frozen=True)
class Between:
    """`x BETWEEN low AND high`."""

    operand: "Expression"
    low: "Expression"
    high: "Expression"


@dataclass(frozen=True)
class Within:
    """`x IN (…)`: values, or a subquery."""

    operand: "Expression"
    values: "Sequence[Expression] | Query"


@dataclass(frozen=True)
class IsNull:
    """`x IS NULL`."""

    operand: "Expression"


@dataclass(frozen=True)
class Choice:
    """CASE WHEN: conditions with their values, and ELSE."""

    arms: "Sequence[tuple[Expression, Expression]]"
    otherwise: "Expression"


@dataclass(frozen=True)
class Listed:
    """[…] or (…, …)."""

    brackets: Literal["[]", "()"]
    items: "Sequence[Expression]"


@dataclass(frozen=True)
class Element:
    """`x[n]`."""

    operand: "Expression"
    at: "Expression"


@dataclass(frozen=True)
class Interval:
    """INTERVAL 7 DAY."""

    count: "Expression"
    unit: str


@dataclass(frozen=True)
class Scalar:
    """A subquery that is one value."""

    query: "Query"


type Expression = (
    Text
    | Number
    | Null
    | Star
    | Name
    | Call
    | Lambda
    | Chain
    | Prefixed
    | Compared
    | Between
    | Within
    | IsNull
    | Choice
    | Listed
    | Element
    | Interval
    | Scalar
)


@dataclass(frozen=True)
class Item:
    """A column of what a SELECT returns.

    Attributes:
        alias: "" without one.
        written: as it stands in the query; names the column that has no alias.
    """

    expression: Expression
    alias: str
    written: str

    @property
    def hides(self) -> str:
        """The name that means something else behind it; "" if none does."""
        return "" if self.expression == Name(self.alias) else self.alias


@dataclass(frozen=True)
class Order:
    """A part of ORDER BY."""

    expression: Expression
    descending: bool
    nulls: Literal["", "FIRST", "LAST"]


@dataclass(frozen=True)
class Source:
    """What stands behind FROM.

    Attributes:
        table: the name of one, or a subquery.
        name: by which its columns may be qualified; "" if it has none.
    """

    table: "str | Query"
    name: str


@dataclass(frozen=True)
class Join:
    """JOIN, or LEFT JOIN.

    Attributes:
        equal: what must be equal of a row of those before and one of the source, in either order.
        using: columns of both that must be equal, and are one then.
    """

    kind: Literal["INNER", "LEFT"]
    source: Source
    equal: Sequence[tuple[Expression, Expression]]
    using: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Select:
    """A SELECT."""

    distinct: bool
    items: Sequence[Item]
    source: Source
    joins: Sequence[Join]
    where: Expression | None
    group: Sequence[Expression]
    having: Expression | None
    order: Sequence[Order]
    limit_by: tuple[int, Sequence[Expression]] | None
    limit: int | None
    offset: int | None


@dataclass(frozen=True)
class Combined:
    """Several queries that become one.

    Attributes:
        rest: each with what becomes of its rows and of those before.
    """

    first: "Query"
    rest: "Sequence[tuple[Combining, Query]]"


type Combining = Literal["UNION ALL", "UNION DISTINCT", "EXCEPT"]
type Query = Select | Combined
