"""Goes through a query's tokens."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.api.analytics.guard.errors import NotTaken
from services.api.analytics.guard.tokens import Kind, Token, tokens

_DEEPEST = 40

# They have a meaning here, and are no names.
KEYWORDS = frozenset(
    {
        *("SELECT", "DISTINCT", "FROM", "AS", "WHERE", "GROUP", "BY", "HAVING", "ORDER", "ASC"),
        *("DESC", "LIMIT", "OFFSET", "AND", "OR", "NOT", "IN", "LIKE", "ILIKE", "BETWEEN", "IS"),
        *("NULL", "CASE", "WHEN", "THEN", "ELSE", "INTERVAL", "WITH", "UNION", "EXCEPT", "JOIN"),
        *("INNER", "LEFT", "OUTER", "ON", "USING"),
    }
)
# They would begin what is not taken.
_INSTEAD = {
    "INTERSECT": "use IN (SELECT …)",
    **dict.fromkeys(
        ("RIGHT", "FULL", "CROSS", "ANY", "ALL", "ASOF", "GLOBAL"), "use JOIN, or LEFT JOIN"
    ),
    "ARRAY": "use the function arrayJoin",
    "PREWHERE": "use WHERE",
    "SAMPLE": "use WHERE",
    "FINAL": "each verification counts once anyway",
    **dict.fromkeys(("SETTINGS", "FORMAT", "INTO"), "the answer is JSON, with the limits told"),
    **dict.fromkeys(("OVER", "WINDOW", "QUALIFY"), "use GROUP BY"),
}
_RESERVED = KEYWORDS | _INSTEAD.keys()


class Reader:
    """The tokens of a query, one after the other.

    Raises:
        NotTaken: something in it is no token; so do the methods.
    """

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = tokens(query)
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        """The token that comes next, and stays."""
        return self._tokens[self._at]

    @property
    def second(self) -> Token:
        """The one behind it."""
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Takes the next token."""
        token = self.next
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def takes_word(self, *words: str) -> bool:
        """Takes these keywords if they come next, one after the other."""
        coming = self._tokens[self._at : self._at + len(words)]
        if len(coming) < len(words) or not all(
            token.is_word(word) for token, word in zip(coming, words, strict=True)
        ):
            return False
        self._at += len(words)
        return True

    def takes_sign(self, sign: str) -> bool:
        """Takes this sign if it comes next."""
        if not self.next.is_sign(sign):
            return False
        self._at += 1
        return True

    def needs_word(self, *words: str) -> None:
        """Takes these keywords, which must come next."""
        if not self.takes_word(*words):
            raise self.unexpected(" ".join(words))

    def needs_sign(self, sign: str) -> None:
        """Takes this sign, which must come next."""
        if not self.takes_sign(sign):
            raise self.unexpected(sign)

    @property
    def has_name(self) -> bool:
        """Whether a name comes next, in quotes or not."""
        token = self.next
        is_word = token.kind is Kind.WORD and token.value.upper() not in _RESERVED
        return is_word or token.kind is Kind.QUOTED

    def name(self, what: str) -> str:
        """Takes a name, which must come next."""
        if not self.has_name:
            raise self.unexpected(what)
        return self.take().value

    def whole_number(self) -> int:
        """Takes a number without a fraction, of at most nine digits."""
        digits = self.next.value
        if self.next.kind is not Kind.NUMBER or not (digits.isdigit() and len(digits) < 10):
            raise self.unexpected("a whole number")
        self.take()
        return int(digits)

    def written_since(self, begin: Token) -> str:
        """What stands in the query from that token to the one taken last, on one line."""
        return " ".join(self._query[begin.begin : self._tokens[self._at - 1].end].split())

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """What is read in the block stands within something."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotTaken(
                "parentheses, functions and subqueries within one another",
                f"at most {_DEEPEST} of them",
            )
        try:
            yield
        finally:
            self._depth -= 1

    def unexpected(self, wanted: str) -> NotTaken:
        """The next token is none that may stand there."""
        token = self.next
        instead = _INSTEAD.get(token.value.upper()) if token.kind is Kind.WORD else None
        if instead:
            return NotTaken(f"{token.value.upper()} is not taken", instead)
        return NotTaken(
            f"{token.shown} stands at character {token.begin + 1}", f"{wanted} is expected there"
        )
