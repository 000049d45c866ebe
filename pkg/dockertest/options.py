"""Checks of a value's options."""

import re

from pkg.dockertest.errors import InvalidOption


def whole_number(service: str, option: str, value: object, low: int, high: int) -> None:
    """Checks an option.

    Raises:
        InvalidOption: it is not a whole number from low to high; the message names it.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise InvalidOption(
            f"{service}({option}={value!r}): {option} must be a whole number from {low} to {high}"
        )


def matching(service: str, option: str, value: object, pattern: str, what: str) -> None:
    """Checks an option.

    Raises:
        InvalidOption: it is not text that matches the pattern; `what` says what is expected.
    """
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise InvalidOption(f"{service}({option}={value!r}): {option} must be {what}")
