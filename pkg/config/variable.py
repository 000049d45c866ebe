"""Variables as fields of a dataclass."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, overload

_NAME = "pkg.config"


class _Required:
    def __repr__(self) -> str:
        return "REQUIRED"


REQUIRED = _Required()


@dataclass(frozen=True)
class Declared:
    """What a field says of its variable.

    Attributes:
        meaning: in half a sentence.
        parse: its value from its text; raises ValueError with what is wrong.
        default: its value if it is not given; `REQUIRED` if it must be.
        secret: whether its text must not be shown.
    """

    meaning: str
    parse: Callable[[str], object]
    default: object
    secret: bool


@dataclass(frozen=True)
class Part:
    """A field that is a dataclass with variables of its own.

    Attributes:
        form: the dataclass.
        prefix: begins the names of its variables, after the whole's prefix.
    """

    form: type
    prefix: str


@dataclass(frozen=True)
class Variable:
    """One variable of a service.

    Attributes:
        name: in the environment.
        meaning: in half a sentence.
        default: its value if it is not given, as text; None if it must be given.
        secret: whether its text must not be shown.
    """

    name: str
    meaning: str
    default: str | None
    secret: bool


@overload
def variable[T](
    meaning: str, parse: Callable[[str], T], *, secret: bool = False, repr: bool | None = None
) -> T: ...
@overload
def variable[T, D](
    meaning: str,
    parse: Callable[[str], T],
    *,
    default: D,
    secret: bool = False,
    repr: bool | None = None,
) -> T | D: ...
def variable(
    meaning: str,
    parse: Callable[[str], Any],
    *,
    default: Any = REQUIRED,
    secret: bool = False,
    repr: bool | None = None,
) -> Any:
    """A field of a dataclass that is read from a variable of its name.

    Args:
        meaning: in half a sentence.
        parse: the field's value from the variable's text; raises ValueError with what is wrong.
        default: the field's value if the variable is not given; it must be unless this is.
        secret: keeps the text out of the dataclass's repr, of messages, and of the help.
        repr: whether the dataclass's repr has the field; unless given, if it is not secret. A
            secret's value may have a repr that shows nothing of it.
    """
    declared = Declared(meaning, parse, default, secret)
    given = {} if default is REQUIRED else {"default": default}
    shows = not secret if repr is None else repr
    return dataclasses.field(repr=shows, metadata={_NAME: declared}, **given)


def part[T](form: type[T], *, prefix: str = "") -> T:
    """A field that is a dataclass with variables of its own.

    Args:
        form: the dataclass; the field's default is one with all its defaults.
        prefix: begins the names of its variables, such as "VAULT" for API_VAULT_URL.
    """
    return dataclasses.field(default_factory=form, metadata={_NAME: Part(form, prefix)})


def fields(form: type) -> Iterator[tuple[dataclasses.Field[Any], Declared | Part]]:
    """The fields of a dataclass that are read from variables."""
    for field in dataclasses.fields(form):
        if declared := field.metadata.get(_NAME):
            yield field, declared


def name(prefix: str, more: str) -> str:
    """A variable's name from its prefix and its field's name, either of which may be empty."""
    return "_".join(each.upper() for each in (prefix, more) if each)


def variables(form: type, *, prefix: str) -> list[Variable]:
    """All variables of a dataclass, in the order of its fields."""
    found: list[Variable] = []
    for field, declared in fields(form):
        if isinstance(declared, Part):
            found += variables(declared.form, prefix=name(prefix, declared.prefix))
        else:
            found.append(
                Variable(
                    name(prefix, field.name),
                    declared.meaning,
                    _default(declared.default),
                    declared.secret,
                )
            )
    return found


def _default(value: object) -> str | None:
    match value:
        case _Required():
            return None
        case None:
            return "none"
        case timedelta():
            return f"{value.total_seconds():g}"
        case float():
            return f"{value:g}"
        case list() | tuple():
            return ",".join(map(str, value))
    return str(value)
