"""Writes expressions for ClickHouse: of known functions, names, signs and parameters alone."""

import re
from collections.abc import Callable, Sequence

from services.api.analytics.guard import functions
from services.api.analytics.guard.errors import NotTaken
from services.api.analytics.guard.nodes import (
    Between,
    Call,
    Chain,
    Choice,
    Combined,
    Compared,
    Element,
    Expression,
    Interval,
    IsNull,
    Lambda,
    Listed,
    Name,
    Null,
    Number,
    Prefixed,
    Query,
    Scalar,
    Select,
    Star,
    Text,
    Within,
)
from services.api.analytics.guard.scope import Scope
from services.api.analytics.guard.shapes import is_constant
from services.api.analytics.guard.tables import FILTERED, Meaning

# A % that stands for itself, where parameters are put in.
_SIGNS = {"%": "%%"}
_MOST_LETTERS = 64
# What columns are called that the caller has given no name, or one that others have, too.
_OURS = re.compile(r"_\d+", re.ASCII)
_LIKE = {"LIKE": "like({}, {})", "ILIKE": "like(lower({}), lower({}))"}


def quoted(identifier: str) -> str:
    """An identifier of ours, or of a caller's that `alias` has let through."""
    return f"`{identifier}`"


class ExpressionWriter:
    """Writes the expressions of one SELECT.

    Args:
        scope: what its names mean.
        bind: makes a parameter of a text, and returns what stands for it.
        query: writes a subquery.
    """

    def __init__(
        self,
        scope: Scope,
        bind: Callable[[str], str],
        query: Callable[[Query], str],
    ) -> None:
        self._scope = scope
        self._bind = bind
        self._query = query

    def several(self, expressions: Sequence[Expression]) -> str:
        """Expressions, with commas between them."""
        return ", ".join(map(self.one, expressions))

    def one(self, expression: Expression) -> str:
        """An expression.

        Raises:
            NotTaken: it has a name, or a function, that is not known, or something where it can't
                stand.
        """
        match expression:
            case Text(value):
                return self._bind(value)
            case Number(digits):
                return digits
            case Null():
                return "NULL"
            case Name():
                return self._name(expression)
            case Call():
                return self._call(expression)
            case Chain(first, rest):
                others = "".join(
                    f" {_SIGNS.get(sign, sign)} {self.one(operand)}" for sign, operand in rest
                )
                return f"({self.one(first)}{others})"
            case Prefixed("NOT", operand):
                return f"not({self.one(operand)})"
            case Prefixed(_, operand):
                return f"negate({self.one(operand)})"
            case IsNull(operand):
                return f"isNull({self.one(operand)})"
            case Interval(count, unit):
                name = functions.known(f"toInterval{unit}")
                return functions.written(name, [self.one(count)])
            case Element(operand, at):
                return f"arrayElement({self.one(operand)}, {self.one(at)})"
            case Listed("[]", items):
                return f"[{self.several(items)}]"
            case Listed(_, items):
                return f"tuple({self.several(items)})"
        return self._larger(expression)

    def _larger(self, expression: Expression) -> str:
        match expression:
            case Compared(left, sign, right):
                one, other = self.alike(left, right)
                return (
                    _LIKE[sign].format(one, other) if sign in _LIKE else f"({one} {sign} {other})"
                )
            case Between(operand, low, high):
                (one, least), (_, most) = self.alike(operand, low), self.alike(operand, high)
                return f"(({one} >= {least}) AND ({one} <= {most}))"
            case Within(operand, values):
                return f"({self.one(operand)} IN ({self._values(values)}))"
            case Choice(arms, otherwise):
                several = [each for arm in arms for each in arm]
                return f"multiIf({self.several([*several, otherwise])})"
            case Scalar(query):
                return f"({self._query(query)})"
            case Lambda():
                raise NotTaken(
                    "a lambda that is no argument of an array's function",
                    f"those are: {', '.join(sorted(functions.WITH_LAMBDA))}",
                )
        raise NotTaken("* within an expression", "name a column; count(*) is taken")

    def alike(self, one: Expression, other: Expression) -> tuple[str, str]:
        """Two that are compared: a moment becomes milliseconds where the other one is."""
        meanings = (self.meaning(one), self.meaning(other))
        texts = (self.one(one), self.one(other))
        if meanings == (Meaning.MILLISECONDS, Meaning.MOMENT):
            return texts[0], functions.milliseconds(texts[1])
        if meanings == (Meaning.MOMENT, Meaning.MILLISECONDS):
            return functions.milliseconds(texts[0]), texts[1]
        return texts

    def meaning(self, of: Expression) -> Meaning:
        """What an expression's values are."""
        match of:
            case Name():
                column = self._scope.column(of)
                return column.meaning if column else Meaning.OTHER
            case Call(function, [argument]) if function.lower() in ("min", "max", "any"):
                return self.meaning(argument)
            case Call(function) if functions.is_moment(functions.known(function)):
                return Meaning.MOMENT
            case Chain(first, rest) if all(sign in "+-" for sign, _ in rest):
                return self.meaning(first)
        return Meaning.OTHER

    def _name(self, name: Name) -> str:
        column = self._scope.column(name)
        if column is None:
            return quoted(name.name)
        return ".".join(map(quoted, filter(None, (self._scope.qualifier(name), column.identifier))))

    def _call(self, call: Call) -> str:
        function, arguments = functions.known(call.function), call.arguments
        if function == "count" and list(arguments) == [Star()] and not call.distinct:
            arguments = []
        if call.distinct:
            if function != "count" or not arguments:
                raise NotTaken(f"DISTINCT within {function}", "use count(DISTINCT …)")
            function = "uniqExact"
        if function == "date_trunc":
            return self._truncated(arguments)
        if function in functions.WITH_LAMBDA and arguments and isinstance(arguments[0], Lambda):
            texts = [self._lambda(arguments[0]), *map(self.one, arguments[1:])]
        else:
            texts = [*map(self.one, arguments)]
        return functions.written(function, texts, [each.digits for each in call.parameters])

    def _truncated(self, arguments: Sequence[Expression]) -> str:
        match arguments:
            case [Text(unit), moment] if unit.lower() in functions.TRUNCATED:
                name = functions.known(functions.TRUNCATED[unit.lower()])
                return functions.written(name, [self.one(moment)])
        raise NotTaken(
            "date_trunc of something else",
            f"give one of {', '.join(functions.TRUNCATED)} in quotes, and a moment",
        )

    def _lambda(self, given: Lambda) -> str:
        with self._scope.arguments(given.names):
            names = ", ".join(quoted(alias(name)) for name in given.names)
            return f"{names} -> {self.one(given.body)}"

    def _values(self, values: Sequence[Expression] | Query) -> str:
        if isinstance(values, Select | Combined):
            return self._query(values)
        # ClickHouse would take a name that stands alone there for a table's, whatever table.
        if not all(map(is_constant, values)):
            raise NotTaken("a column within IN (…)", "give values, or a subquery")
        return self.several(values)


def alias(name: str) -> str:
    """A name of a caller's own, as it is.

    Raises:
        NotTaken: it would need quotes, or is one that filters stand on.
    """
    if not (name.isascii() and name.isidentifier() and len(name) <= _MOST_LETTERS):
        raise NotTaken(
            "a name of your own with other characters",
            f"give letters, digits and underscores, no digit first, {_MOST_LETTERS} at most",
        )
    # In ClickHouse an alias comes before a column, and old ones are not strict about where.
    if name in FILTERED or _OURS.fullmatch(name):
        raise NotTaken(f"{name} as a name of your own", "choose another one")
    return name
