"""Tables of events, in which each event counts once however often it was inserted."""

import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TYPES: Mapping[Any, str] = {bool: "UInt8", int: "Int64", float: "Float64", str: "String"}


@dataclass(frozen=True)
class Table[R: msgspec.Struct]:
    """A table with a column for each field of a struct.

    Its engine is ReplacingMergeTree, its order ends with the id: rows of one id become one. Until
    ClickHouse has merged them they are there twice, so a query reads `once`, and not the name.

    Two inserts of an event must have the same values: an insert's own time is not one of them.

    Attributes:
        name: of the table.
        rows: what a row is: a msgspec.Struct.
        order: fields that queries look for, in this order; the id is put behind them.
        id: the field that is different for every event.
        partition: an expression, such as "toYYYYMM(toDateTime(intDiv(at, 1000), 'UTC'))": what is
            in it can be dropped at once. A batch has at most 100 of them.
        columns: types of columns, in ClickHouse's own words, that shall not have the usual ones:
            String for str, Int64 for int, Float64 for float, UInt8 for bool, Nullable and Array of
            them. Afterwards it has all.
        engine: with its arguments, such as that of a replicated table.

    Raises:
        ValueError: a name is none, a field is none of the struct's, or its type is not known.
    """

    name: str
    rows: type[R]
    order: Sequence[str] = ()
    id: str = "id"
    partition: str = ""
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    engine: str = "ReplacingMergeTree()"

    def __post_init__(self) -> None:
        hints = get_type_hints(self.rows)
        for name in (self.name, *hints):
            if not _NAME.fullmatch(name):
                raise ValueError(f"Table({self.name!r}): {name!r} would need quotes: rename it")
        for name in (self.id, *self.order, *self.columns):
            if name not in hints:
                raise ValueError(f"Table({self.name!r}): {self.rows.__name__} has no field {name}")
        if "Replacing" not in self.engine:
            raise ValueError(
                f"Table({self.name!r}): the engine {self.engine}: events would count twice; "
                "take one of the Replacing family"
            )
        found = {
            name: self.columns.get(name) or self._type(name, hint) for name, hint in hints.items()
        }
        object.__setattr__(self, "columns", found)

    @property
    def once(self) -> str:
        """What stands behind FROM, so that each event is there once."""
        return f"{self.name} FINAL"

    @property
    def sorting(self) -> tuple[str, ...]:
        """The fields by which rows are sorted, and told from one another."""
        return (*(name for name in self.order if name != self.id), self.id)

    def definition(self) -> str:
        """The statement that makes the table unless it is there."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns.items())
        partition = f" PARTITION BY {self.partition}" if self.partition else ""
        return (
            f"CREATE TABLE IF NOT EXISTS {self.name} ({columns}) "
            f"ENGINE = {self.engine}{partition} ORDER BY ({', '.join(self.sorting)})"
        )

    def insertion(self) -> str:
        """The statement that inserts rows."""
        return f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES"

    def values(self, rows: Sequence[R]) -> list[list[Any]]:
        """The rows' values, by columns."""
        return [list(map(attrgetter(name), rows)) for name in self.columns]

    def _type(self, name: str, hint: Any) -> str:
        found = _type(hint)
        if found is None:
            raise ValueError(
                f"Table({self.name!r}): no usual type for {name}: give one in columns, such as "
                f'columns={{"{name}": "String"}}'
            )
        return found


def _type(hint: Any) -> str | None:
    if get_origin(hint) in (types.UnionType, typing.Union):
        kinds = [one for one in get_args(hint) if one is not types.NoneType]
        inner = _TYPES.get(kinds[0]) if len(kinds) == 1 else None
        return f"Nullable({inner})" if inner else None
    if get_origin(hint) is list:
        inner = _type(get_args(hint)[0])
        return f"Array({inner})" if inner else None
    return _TYPES.get(hint)
