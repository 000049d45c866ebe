"""Ids such as `key_06fd2h3mz1k8r5q7w9xcn4t0vbeg2`.

A prefix of the maker's choice, an underscore, and 29 digits: 48 bits of milliseconds since 1970 and
96 bits from the operating system's source of randomness, as a number to the base of 32. The digits
are Crockford's in lower case (https://www.crockford.com/base32.html): in the order of their
characters, and without two that a case-insensitive collation takes for one.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pkg.clock import Clock

_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"
_BITS = 5
_LENGTH = 29
_RANDOM_BITS = 96
_TIME_BITS = 48
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_PREFIX = re.compile(r"[a-z][a-z0-9]{0,15}")
_FORM = re.compile(rf"({_PREFIX.pattern})_([{_DIGITS}]{{{_LENGTH}}})")


class InvalidUid(ValueError):
    """A text is no id, or none of the kind that is asked for."""


@dataclass(frozen=True)
class Uid:
    """What an id says.

    Attributes:
        prefix: what it is of.
        made_at: when it was made, by its maker's clock, to the millisecond; aware, in UTC.
    """

    prefix: str
    made_at: datetime


def new(prefix: str, clock: Clock) -> str:
    """A new id: later ones sort after it, those of the same millisecond in any order.

    Args:
        prefix: what it is of: up to 16 lower-case letters and digits, the first a letter.
        clock: tells when it is made; between the years 1970 and 9999.

    Raises:
        InvalidUid: the prefix is none.
    """
    if not _PREFIX.fullmatch(prefix):
        raise InvalidUid(
            f"uid: the prefix {prefix!r}: give up to 16 lower-case letters and digits, the first "
            "a letter, such as key"
        )
    milliseconds = (clock.now() - _EPOCH) // _MILLISECOND
    number = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    digits = [_DIGITS[number >> _BITS * place & 31] for place in reversed(range(_LENGTH))]
    return f"{prefix}_{''.join(digits)}"


def parse(text: str, prefix: str | None = None) -> Uid:
    """What an id says; that somebody has made it is not checked.

    Args:
        text: the id.
        prefix: the one that it has to have, if that matters.

    Raises:
        InvalidUid: it is no id, or has another prefix.
    """
    found = _FORM.fullmatch(text)
    if found is None or prefix not in (None, found[1]):
        # Not shown: what was given by mistake may be a secret.
        wanted = f"one of {prefix}_" if prefix else "one such as key_06fd2h3mz1k8r5q7w9xcn4t0vbeg2"
        raise InvalidUid(f"uid: a text of {len(text)} characters is no such id: give {wanted}")
    number = 0
    for digit in found[2]:
        number = number << _BITS | _DIGITS.index(digit)
    milliseconds = number >> _RANDOM_BITS
    if milliseconds >> _TIME_BITS:
        raise InvalidUid(
            f"uid: a text of {len(text)} characters is no id: its time is out of range"
        )
    try:
        made_at = _EPOCH + milliseconds * _MILLISECOND
    except OverflowError:
        raise InvalidUid("uid: the id's time is after the year 9999") from None
    return Uid(found[1], made_at)
