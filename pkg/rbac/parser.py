"""Reads queries such as `api.*.read_key or (api.*.list_keys and logs.view)`.

`and` binds more tightly than `or`; both in any case. Neither is a permission's name.
"""

import re
from dataclasses import dataclass

from pkg.rbac.permission import WORDS, InvalidPermission
from pkg.rbac.query import Query, all_of, any_of, permission

MAX_LENGTH = 4096
MAX_DEPTH = 32

_TOKEN = re.compile(r"\s*([()]|[^\s()]+)")


class InvalidQuery(ValueError):
    """A text is no query.

    Attributes:
        at: where it stops being one, counted from 0.
    """

    def __init__(self, what: str, at: int) -> None:
        super().__init__(f"rbac: the query at character {at + 1}: {what}")
        self.at = at


def parse(text: str) -> Query:
    """The query that a text is.

    Raises:
        InvalidQuery: it is none; the message says where and why.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidQuery(f"longer than {MAX_LENGTH} characters", MAX_LENGTH)
    parser = _Parser(_tokens(text), len(text.rstrip()))
    found = parser.alternatives(0)
    parser.end()
    return found


@dataclass(frozen=True)
class _Token:
    text: str
    at: int

    @property
    def word(self) -> str:
        """`and` or `or`, in lower case; "" for others."""
        return word if (word := self.text.lower()) in WORDS else ""


def _tokens(text: str) -> list[_Token]:
    return [_Token(match[1], match.start(1)) for match in _TOKEN.finditer(text)]


class _Parser:
    def __init__(self, tokens: list[_Token], length: int) -> None:
        self._tokens = tokens[::-1]
        self._end = _Token("", length)

    def _peek(self) -> _Token:
        return self._tokens[-1] if self._tokens else self._end

    def _take(self) -> _Token:
        return self._tokens.pop() if self._tokens else self._end

    def alternatives(self, depth: int) -> Query:
        """What `or` joins."""
        parts = [self._conditions(depth)]
        while self._peek().word == "or":
            self._take()
            parts.append(self._conditions(depth))
        return any_of(*parts)

    def _conditions(self, depth: int) -> Query:
        """What `and` joins."""
        parts = [self._one(depth)]
        while self._peek().word == "and":
            self._take()
            parts.append(self._one(depth))
        return all_of(*parts)

    def _one(self, depth: int) -> Query:
        token = self._take()
        if token.text == "(":
            if depth == MAX_DEPTH:
                raise InvalidQuery(f"more than {MAX_DEPTH} parentheses in one another", token.at)
            found = self.alternatives(depth + 1)
            closing = self._take()
            if closing.text != ")":
                raise InvalidQuery(f"{_shown(closing)} instead of ) or and or or", closing.at)
            return found
        if token.text in ("", ")") or token.word:
            raise InvalidQuery(f"{_shown(token)} instead of a permission or (", token.at)
        try:
            return permission(token.text)
        except InvalidPermission as error:
            raise InvalidQuery(str(error).removeprefix("rbac: "), token.at) from None

    def end(self) -> None:
        """Checks that nothing is left."""
        if (token := self._peek()) is not self._end:
            raise InvalidQuery(f"{_shown(token)} instead of and, or, or the end", token.at)


def _shown(token: _Token) -> str:
    return repr(token.text) if token.text else "the end"
