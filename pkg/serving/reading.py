"""A request's body becomes a struct, or a fault that names the field and shows no value."""

import re
from collections.abc import Callable

import msgspec

from pkg.serving.faults import InvalidBody

_MOST_SHOWN = 64  # characters of a field's name that nobody knows
_AT = r" - at `\$\.?(?P<path>[\w.\[\]…]*)`"
_UNKNOWN = re.compile(rf"Object contains unknown field `(?P<name>.*?)`(?:{_AT})?", re.S)
_MISSING = re.compile(rf"Object missing required field `(?P<name>\w+)`(?:{_AT})?")
_VALUE = re.compile(r"Invalid (?:enum )?value .*", re.S)
_FIELD = re.compile(rf"(?P<reason>.*){_AT}", re.S)


def reader[T](form: type[T]) -> Callable[[bytes], T]:
    """Reads bodies of that form; what it returns raises `InvalidBody`."""
    decoder = msgspec.json.Decoder(form)

    def read(body: bytes) -> T:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as error:
            raise _invalid(str(error)) from None
        except msgspec.DecodeError:
            raise InvalidBody("is no JSON") from None
        except UnicodeDecodeError:
            raise InvalidBody("is not encoded in UTF-8") from None
        except RecursionError:  # in a field that takes any JSON
            raise InvalidBody("is nested too deep") from None

    return read


def _invalid(said: str) -> InvalidBody:
    # The decoder's messages hold types, limits and names of fields, and values where only some may
    # be.
    if found := _UNKNOWN.fullmatch(said):
        path = _below(found["path"], found["name"][:_MOST_SHOWN])
        return InvalidBody("there is no such field", path, f"there is no field {path!r}")
    if found := _MISSING.fullmatch(said):
        path = _below(found["path"], found["name"])
        return InvalidBody("is missing", path, f"field {path!r} is missing")
    if found := _FIELD.fullmatch(said):
        return InvalidBody(_shown(found["reason"]), found["path"])
    return InvalidBody(_shown(said), public=f"the body: {_shown(said)}")


def _below(path: str | None, name: str) -> str:
    return f"{path}.{name}" if path else name


def _shown(reason: str) -> str:
    if _VALUE.fullmatch(reason):
        return "is none of the values that it may have"
    return reason[:1].lower() + reason[1:]
