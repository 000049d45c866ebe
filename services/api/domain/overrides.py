"""Which override of a rate limit is an identifier's: each * stands for any characters, or none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Override:
    """What takes the place of a request's limit.

    Attributes:
        pattern: of the identifiers.
        limit: 0 lets nothing through.
    """

    id: str
    pattern: str
    limit: int
    duration: timedelta


def matches(pattern: str, identifier: str) -> bool:
    """Whether an identifier is one of the pattern's. Upper and lower case differ."""
    first, *others = pattern.split("*")
    if not others:
        return pattern == identifier
    *middle, last = others
    if not identifier.startswith(first):
        return False
    at = len(first)
    for part in middle:
        # The leftmost place leaves most to the parts that follow.
        found = identifier.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return len(identifier) - len(last) >= at and identifier.endswith(last)


def best(overrides: Iterable[Override], identifier: str) -> Override | None:
    """The override that counts: that of the very identifier, else the one that says most of it.

    Of patterns with as many characters beside *, the one with fewer *, then the first by text.
    """
    return min(
        (each for each in overrides if _is_for(each.pattern, identifier)),
        key=lambda each: _rank(each.pattern, identifier),
        default=None,
    )


def _is_for(pattern: str, identifier: str) -> bool:
    return pattern == identifier or matches(pattern, identifier)


def _rank(pattern: str, identifier: str) -> tuple[bool, int, int, str]:
    stars = pattern.count("*")
    return (pattern != identifier, stars - len(pattern), stars, pattern)
