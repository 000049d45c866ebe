"""A request's body becomes a struct, or a fault that names the field and shows no value."""

import re
from collections.abc import Callable

import msgspec

from pkg.serving.faults import InvalidBody

_MOST_SHOWN = 64  # characters of a field's name that nobody knows
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.S)
_MISSING = re.compile(r"Object missing required field `(?P<name>\w+)`")
_FIELD = re.compile(r"(?P<reason>.*) - at `\$\.?(?P<path>[\w.\[\]…]*)`$")


def reader[T](form: type[T]) -> Callable[[bytes], T]:
    """Reads bodies of that form; what it returns raises `InvalidBody`."""
    decoder = msgspec.json.Decoder(form)

    def read(body: bytes) -> T:
        try:
            return decoder.decode(body)
        except msgspec.ValidationError as error:
            raise _invalid(str(error)) from None
        except msgspec.DecodeError:
            raise InvalidBody("the body is no JSON") from None
        except UnicodeDecodeError:
            raise InvalidBody("the body is not encoded in UTF-8") from None

    return read


def _invalid(said: str) -> InvalidBody:
    # The decoder's messages hold types, limits and names of fields, and no values.
    if found := _UNKNOWN.match(said):
        return InvalidBody(f"there is no field {found['name'][:_MOST_SHOWN]!r}")
    if found := _MISSING.match(said):
        return InvalidBody(f"field {found['name']!r} is missing")
    if found := _FIELD.match(said):
        return InvalidBody(_lower(found["reason"]), found["path"])
    return InvalidBody(f"the body: {_lower(said)}")


def _lower(reason: str) -> str:
    return reason[:1].lower() + reason[1:]
