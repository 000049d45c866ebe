"""The shapes of types, as plain values: those of the SDK's models and of our structs compare."""

import enum
import types
import typing
from typing import Any

from msgspec import inspect
from pydantic import BaseModel
from unkey.py.types.basemodel import Unset

from services.api.wire.common import Answer

_PLAIN = {str: "text", int: "integer", bool: "boolean", type(None): "null"}


def of_model(kind: Any) -> Any:
    """The shape of a type that the SDK's models are made of.

    A field is its shape, with "?" if it may be absent and "null" if it may be null.
    """
    kind = _without_alias(kind)
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        [one] = [arm for arm in typing.get_args(kind) if arm not in (type(None), Unset)]
        return of_model(one)
    if typing.get_origin(kind) is list:
        return [of_model(typing.get_args(kind)[0])]
    if typing.get_origin(kind) is dict:
        return "object"
    if issubclass(kind, BaseModel):
        return {
            field.alias or name: _field(
                of_model(field.annotation), not field.is_required(), _is_nullable(field.annotation)
            )
            for name, field in kind.model_fields.items()
        }
    if issubclass(kind, enum.Enum):
        return {"one of": sorted(member.value for member in kind)}
    return _PLAIN[kind]


def _without_alias(kind: Any) -> Any:
    """What Nullable[X] and OptionalNullable[X] stand for."""
    alias = typing.get_origin(kind)
    if isinstance(alias, typing.TypeAliasType) or hasattr(alias, "__value__"):
        return _without_alias(alias.__value__[typing.get_args(kind)])
    return kind


def _is_nullable(kind: Any) -> bool:
    # The SDK never sends null for a plain Optional.
    return hasattr(typing.get_origin(kind), "__value__")


def of_struct(kind: Any) -> Any:
    """The shape of a type that our structs are made of."""
    return _of(inspect.type_info(kind))


def _of(info: inspect.Type) -> Any:
    match info:
        case inspect.Metadata(type=inner):
            return _of(inner)
        case inspect.UnionType(types=arms):
            [one] = [arm for arm in arms if not isinstance(arm, inspect.NoneType)]
            return _of(one)
        case inspect.ListType(item_type=item):
            return [_of(item)]
        case inspect.DictType():
            return "object"
        case inspect.StructType(cls=cls, fields=fields):
            is_answer = issubclass(typing.get_origin(cls) or cls, Answer)
            return {
                field.encode_name: _field(
                    _of(field.type), not field.required, _may_be_null(field, is_answer)
                )
                for field in fields
            }
        case inspect.LiteralType(values=values):
            return {"one of": sorted(values)}
        case inspect.StrType():
            return "text"
        case inspect.IntType():
            return "integer"
        case inspect.BoolType():
            return "boolean"
    raise TypeError(f"no shape for {info}")


def _may_be_null(field: inspect.Field, is_answer: bool) -> bool:
    # An answer leaves out what is None by default.
    return not (is_answer and field.default is None) and any(
        isinstance(arm, inspect.NoneType) for arm in arms(field.type)
    )


def arms(info: inspect.Type) -> tuple[inspect.Type, ...]:
    """The types that a value may have."""
    return info.types if isinstance(info, inspect.UnionType) else (info,)


def _field(shape: Any, may_be_absent: bool, may_be_null: bool) -> tuple[Any, ...]:
    return (shape, *(["?"] if may_be_absent else []), *(["null"] if may_be_null else []))
