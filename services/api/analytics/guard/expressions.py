"""Reads expressions."""

from collections.abc import Callable, Sequence

from services.api.analytics.guard.errors import NotTaken
from services.api.analytics.guard.nodes import (
    Between,
    Call,
    Chain,
    Choice,
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
    Star,
    Text,
    Within,
)
from services.api.analytics.guard.reader import KEYWORDS, Reader
from services.api.analytics.guard.tokens import Kind, Token

_COMPARING = {"=": "=", "==": "=", "!=": "!=", "<>": "!="} | {
    sign: sign for sign in ("<", "<=", ">", ">=")
}
# Loosest first.
_CHAINS = (("||",), ("+", "-"), ("*", "/", "%"))
UNITS = ("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")


class Expressions:
    """Reads expressions of a query.

    Args:
        reader: of the query.
        query: reads a subquery, which comes next.
    """

    def __init__(self, reader: Reader, query: Callable[[], Query]) -> None:
        self._reader = reader
        self._query = query

    def several(self) -> list[Expression]:
        """At least one, with commas between them."""
        found = [self.one()]
        while self._reader.takes_sign(","):
            found.append(self.one())
        return found

    def one(self) -> Expression:
        """An expression."""
        with self._reader.deeper():
            return self._words(("OR",), lambda: self._words(("AND",), self._negated))

    def _words(self, words: Sequence[str], operand: Callable[[], Expression]) -> Expression:
        first, rest = operand(), []
        while self._reader.next.is_word(*words):
            rest.append((self._reader.take().value.upper(), operand()))
        return Chain(first, rest) if rest else first

    def _negated(self) -> Expression:
        if not self._reader.takes_word("NOT"):
            return self._compared()
        with self._reader.deeper():
            return Prefixed("NOT", self._negated())

    def _compared(self) -> Expression:
        reader, left = self._reader, self._chain(0)
        if reader.next.is_sign(*_COMPARING):
            return Compared(left, _COMPARING[reader.take().value], self._chain(0))
        if reader.takes_word("IS", "NULL"):
            return IsNull(left)
        if reader.takes_word("IS", "NOT", "NULL"):
            return Prefixed("NOT", IsNull(left))
        if reader.next.is_word("NOT") and reader.second.is_word("IN", "LIKE", "ILIKE", "BETWEEN"):
            reader.take()
            return Prefixed("NOT", self._related(left))
        return self._related(left)

    def _related(self, left: Expression) -> Expression:
        reader = self._reader
        if reader.next.is_word("LIKE", "ILIKE"):
            return Compared(left, reader.take().value.upper(), self._chain(0))
        if reader.takes_word("BETWEEN"):
            low = self._chain(0)
            reader.needs_word("AND")
            return Between(left, low, self._chain(0))
        if reader.takes_word("IN"):
            return Within(left, self._set())
        return left

    def _set(self) -> Sequence[Expression] | Query:
        reader = self._reader
        reader.needs_sign("(")
        found = self._query() if reader.next.is_word("SELECT", "WITH") else self.several()
        reader.needs_sign(")")
        return found

    def _chain(self, level: int) -> Expression:
        if level == len(_CHAINS):
            return self._signed()
        first, rest = self._chain(level + 1), []
        while self._reader.next.is_sign(*_CHAINS[level]):
            rest.append((self._reader.take().value, self._chain(level + 1)))
        return Chain(first, rest) if rest else first

    def _signed(self) -> Expression:
        if not self._reader.takes_sign("-"):
            return self._elements()
        with self._reader.deeper():
            return Prefixed("-", self._signed())

    def _elements(self) -> Expression:
        found = self._single()
        if self._reader.takes_sign("["):
            found = Element(found, self.one())
            self._reader.needs_sign("]")
        return found

    def _single(self) -> Expression:
        reader, token = self._reader, self._reader.next
        if token.kind is Kind.TEXT:
            return Text(reader.take().value)
        if token.kind is Kind.NUMBER:
            return Number(reader.take().value)
        if reader.takes_word("NULL"):
            return Null()
        if reader.takes_sign("*"):
            return Star()
        if reader.takes_word("CASE"):
            return self._choice()
        if reader.takes_word("INTERVAL"):
            return self._interval()
        if reader.takes_sign("["):
            items = [] if reader.next.is_sign("]") else self.several()
            reader.needs_sign("]")
            return Listed("[]", items)
        if reader.takes_sign("("):
            return self._parenthesis()
        return self._named(token)

    def _parenthesis(self) -> Expression:
        reader = self._reader
        if reader.next.is_word("SELECT", "WITH"):
            query = self._query()
            reader.needs_sign(")")
            return Scalar(query)
        found = self.several()
        reader.needs_sign(")")
        return found[0] if len(found) == 1 else Listed("()", found)

    def _named(self, token: Token) -> Expression:
        reader = self._reader
        is_word = token.kind is Kind.WORD and not token.is_word(*KEYWORDS)
        if is_word and reader.second.is_sign("("):  # also any(), whose name is a word elsewhere
            return self._call(reader.take().value)
        name = reader.name("an expression")
        if reader.takes_sign("."):
            return Name(reader.name("a column"), name)
        if reader.takes_sign("->"):
            return Lambda([name], self.one())
        return Name(name)

    def _call(self, function: str) -> Expression:
        reader = self._reader
        distinct, arguments = self._arguments()
        if not reader.next.is_sign("("):
            return Call(function, arguments, distinct=distinct)
        parameters = [each for each in arguments if isinstance(each, Number)]
        if distinct or len(parameters) < len(arguments):
            raise NotTaken("a function's parameter that is no number", "give it a number")
        distinct, arguments = self._arguments()
        return Call(function, arguments, parameters, distinct)

    def _arguments(self) -> tuple[bool, list[Expression]]:
        reader = self._reader
        reader.needs_sign("(")
        distinct = reader.takes_word("DISTINCT")
        arguments = [] if reader.next.is_sign(")") else self.several()
        reader.needs_sign(")")
        return distinct, arguments

    def _choice(self) -> Expression:
        reader = self._reader
        subject = None if reader.next.is_word("WHEN") else self.one()
        arms: list[tuple[Expression, Expression]] = []
        while reader.takes_word("WHEN"):
            when = self.one()
            reader.needs_word("THEN")
            arms.append((when if subject is None else Compared(subject, "=", when), self.one()))
        if not arms:
            raise reader.unexpected("WHEN")
        otherwise = self.one() if reader.takes_word("ELSE") else Null()
        reader.needs_word("END")
        return Choice(arms, otherwise)

    def _interval(self) -> Expression:
        reader = self._reader
        token = reader.next
        # Also as INTERVAL '7' DAY.
        is_digits = token.kind is Kind.TEXT and token.value.isdecimal() and len(token.value) < 10
        count = Number(reader.take().value) if is_digits else self._elements()
        unit = reader.next.value.upper().removesuffix("S")
        if reader.next.kind is not Kind.WORD or unit not in UNITS:
            raise reader.unexpected(f"one of {', '.join(UNITS)}")
        reader.take()
        return Interval(count, unit)
