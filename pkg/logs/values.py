"""What is logged becomes what JSON has, whatever it is: short, without secrets, without errors."""

import math
from collections.abc import Mapping, Set
from types import NoneType
from typing import TypeAlias

from pkg.logs.redactor import HIDDEN, Redactor, names_a_secret

_MOST_CHARACTERS = 4096
_MOST_ITEMS = 64
_MOST_DEPTH = 4
_EXACT = 1 << 53  # readers take larger numbers for floats

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


def fields(given: Mapping[str, object], redactor: Redactor) -> dict[str, Json]:
    """Fields by name; those that name a secret are hidden."""
    return _mapping(given, redactor, 0)


def clean(value: object, redactor: Redactor, depth: int = 0) -> Json:
    """The value, as JSON has it."""
    kind = type(value)
    if isinstance(value, str):
        return text(value, redactor)
    if kind is bool or kind is NoneType:
        return value  # type: ignore[return-value]
    if isinstance(value, int):
        return value if -_EXACT <= value <= _EXACT else text(shown(value), redactor)
    if isinstance(value, float):
        return value if math.isfinite(value) else repr(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return text(bytes(value[:_MOST_CHARACTERS]).decode(errors="backslashreplace"), redactor)
    if depth < _MOST_DEPTH:
        try:
            if isinstance(value, Mapping):
                return _mapping(value, redactor, depth)
            if isinstance(value, list | tuple | Set):
                return _items(list(value), redactor, depth)
        except Exception:  # one of somebody's own
            return f"<{kind.__name__}>"
    return text(shown(value), redactor)


def text(value: str, redactor: Redactor) -> str:
    """The text, of a bounded length. What is cut off goes first, so that the rest takes no time."""
    value = str.__str__(value)
    length = len(value)
    if length > _MOST_CHARACTERS:
        # Twice as long first: a secret must not be cut before it is found.
        value = redactor.text(value[: 2 * _MOST_CHARACTERS])[:_MOST_CHARACTERS]
        return f"{value}… ({length} characters)"
    return redactor.text(value)


def shown(value: object) -> str:
    """An object's own text, or its type where it has none."""
    try:
        return str(value)
    except Exception as error:
        return f"<{type(value).__name__}, whose text raises {type(error).__name__}>"


def _mapping(
    given: Mapping[object, object] | Mapping[str, object], redactor: Redactor, depth: int
) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for name, value in given.items():
        if len(made) >= _MOST_ITEMS:
            made["…"] = f"{len(given)} in all"
            break
        key = text(shown(name), redactor)
        made[key] = HIDDEN if _is_secret(key, value) else clean(value, redactor, depth + 1)
    return made


def _items(given: list[object], redactor: Redactor, depth: int) -> list[Json]:
    made = [clean(each, redactor, depth + 1) for each in given[:_MOST_ITEMS]]
    if len(given) > _MOST_ITEMS:
        made.append(f"… {len(given)} in all")
    return made


def _is_secret(name: str, value: object) -> bool:
    return value is not None and type(value) is not bool and names_a_secret(name)
