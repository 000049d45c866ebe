"""A query's words and signs."""

import re
from dataclasses import dataclass
from enum import Enum, auto

from services.api.analytics.guard.errors import NotTaken

_TOKEN = re.compile(
    r"""
    (?P<blank>   \s+ | --[^\n]* | /\*.*?\*/ )
  | (?P<number>  \d{1,20}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?(?![\w.]) )
  | (?P<word>    [A-Za-z_]\w* )
  | (?P<quoted>  `[^`\\]*` | "[^"\\]*" )
  | (?P<text>    '(?:[^'\\]|\\.|'')*' )
  | (?P<sign>    <= | >= | <> | != | == | \|\| | -> | [-+*/%=<>(),.;\[\]] )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"''|\\(.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f", "a": "\a", "v": "\v"}
_MOST_LETTERS = 64


class Kind(Enum):
    """What a token is."""

    NUMBER = auto()
    WORD = auto()
    QUOTED = auto()
    TEXT = auto()
    SIGN = auto()
    END = auto()


@dataclass(frozen=True)
class Token:
    """A word or a sign of a query.

    Attributes:
        value: as it is meant: without quotes, and with escapes undone.
        begin: where it stands in the query; `end` is behind it.
    """

    kind: Kind
    value: str
    begin: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords, which are upper-case."""
        return self.kind is Kind.WORD and self.value.upper() in words

    def is_sign(self, *signs: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind is Kind.SIGN and self.value in signs

    @property
    def shown(self) -> str:
        """As a message names it: a literal is not shown."""
        match self.kind:
            case Kind.TEXT:
                return "a text"
            case Kind.NUMBER:
                return "a number"
            case Kind.END:
                return "the end"
        return self.value[:_MOST_LETTERS]


def tokens(query: str) -> list[Token]:
    """The tokens of a query, comments left out; the last one is its end.

    Raises:
        NotTaken: something in it is no token.
    """
    found, at = [], 0
    while at < len(query):
        match = _TOKEN.match(query, at)
        if match is None:
            raise NotTaken(
                f"at character {at + 1} is no word, number, text or sign",
                "texts stand in single quotes, names in letters, digits and underscores",
            )
        if match.lastgroup != "blank":
            kind = Kind[str(match.lastgroup).upper()]
            found.append(Token(kind, _value(kind, match[0]), at, match.end()))
        at = match.end()
    return [*found, Token(Kind.END, "", at, at)]


def _value(kind: Kind, written: str) -> str:
    match kind:
        case Kind.QUOTED:
            return written[1:-1]
        case Kind.TEXT:
            return _ESCAPE.sub(_meant, written[1:-1])
    return written


def _meant(escape: re.Match[str]) -> str:
    letter = escape[1]
    if letter is None:
        return "'"
    # LIKE has escapes of its own, which stay.
    return escape[0] if letter in "%_" else _ESCAPES.get(letter, letter)
