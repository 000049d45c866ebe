"""Values of the wire's types, told by the types themselves."""

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import inspect


def example(kind: Any, *, whole: bool) -> Any:
    """A value of a type of ours, as JSON has it: with all fields, or with those that must be."""
    return _example(inspect.type_info(kind), whole)


def _example(info: inspect.Type, whole: bool) -> Any:
    match info:
        case inspect.Metadata(type=inner):
            return _example(inner, whole)
        case inspect.UnionType(types=several):
            return _example(
                next(arm for arm in several if not isinstance(arm, inspect.NoneType)), whole
            )
        case inspect.ListType(item_type=item, min_length=least):
            return [_example(item, whole)] * max(least or 0, int(whole))
        case inspect.DictType():
            return {"a": [1, None, {"b": "ä"}]} if whole else {}
        case inspect.StructType(fields=fields):
            return {
                field.encode_name: _example(field.type, whole)
                for field in fields
                if whole or field.required
            }
        case inspect.LiteralType(values=values):
            return values[-1]
        case inspect.StrType(min_length=least):
            return "a" * max(least or 0, 1)
        case inspect.IntType(ge=least):
            return max(least or 0, 2)
        case inspect.BoolType():
            return True
    raise TypeError(f"no example of {info}")


def structs(kind: Any) -> list[inspect.StructType]:
    """All structs that a type is made of, itself among them."""
    return _structs(inspect.type_info(kind))


def _structs(info: inspect.Type) -> list[inspect.StructType]:
    match info:
        case inspect.Metadata(type=inner):
            return _structs(inner)
        case inspect.UnionType(types=several):
            return [found for arm in several for found in _structs(arm)]
        case inspect.ListType(item_type=item):
            return _structs(item)
        case inspect.StructType(fields=fields):
            return [info, *(found for field in fields for found in _structs(field.type))]
    return []


def decoded(kind: Any, body: bytes) -> Any:
    """A body as our service reads it."""
    return msgspec.json.decode(body, type=kind)


def values(body: msgspec.Struct, names: Iterable[str]) -> dict[str, Any]:
    """What a body has in the fields of these names, which are the wire's."""
    found = {field.encode_name: field.name for field in msgspec.structs.fields(body)}
    return {name: getattr(body, found[name]) for name in names}
