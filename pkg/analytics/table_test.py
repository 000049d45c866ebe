"""Tables: what they are made of, and what is refused before a server sees it."""

import msgspec
import pytest

from pkg.analytics import Table


class Row(msgspec.Struct):
    id: str
    workspace: str
    at: int
    cost: float = 0.0
    is_new: bool = False
    note: str | None = None
    tags: list[str] = []


class Odd(msgspec.Struct):
    id: str
    at: dict[str, int]


def test_a_table_has_a_column_for_each_field() -> None:
    """With the usual type, and sorted by what is asked for and then by the id."""
    table = Table("visits", Row, order=("workspace", "at"), partition="intDiv(at, 86400000)")
    assert table.definition() == (
        "CREATE TABLE IF NOT EXISTS visits (id String, workspace String, at Int64, cost Float64, "
        "is_new UInt8, note Nullable(String), tags Array(String)) ENGINE = ReplacingMergeTree() "
        "PARTITION BY intDiv(at, 86400000) ORDER BY (workspace, at, id)"
    )
    assert table.insertion() == (
        "INSERT INTO visits (id, workspace, at, cost, is_new, note, tags) VALUES"
    )
    assert table.once == "visits FINAL"


def test_the_id_is_always_part_of_the_order() -> None:
    """Once, at the end, wherever it is named."""
    assert Table("visits", Row).sorting == ("id",)
    assert Table("visits", Row, order=("id", "at")).sorting == ("at", "id")


def test_values_stand_in_columns() -> None:
    """In the order of the insertion."""
    values = Table("visits", Row).values([Row("a", "x", 1), Row("b", "y", 2, note="n")])
    assert values == [
        ["a", "b"],
        ["x", "y"],
        [1, 2],
        [0.0, 0.0],
        [False, False],
        [None, "n"],
        [[], []],
    ]


def test_a_type_may_be_given() -> None:
    """Where there is no usual one it has to be."""
    assert Table("visits", Odd, columns={"at": "String"}).columns == {
        "id": "String",
        "at": "String",
    }
    with pytest.raises(ValueError, match="no usual type for at: give one in columns"):
        Table("visits", Odd)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "my visits"}, "'my visits' would need quotes"),
        ({"name": "v`"}, "would need quotes"),
        ({"order": ("when",)}, "Row has no field when"),
        ({"id": "uid"}, "Row has no field uid"),
        ({"columns": {"what": "String"}}, "Row has no field what"),
        ({"engine": "MergeTree()"}, "events would count twice"),
    ],
)
def test_what_can_not_work_is_told(options: dict[str, object], said: str) -> None:
    """Where it is written."""
    with pytest.raises(ValueError, match=said):
        Table(**{"name": "visits", "rows": Row, **options})  # type: ignore[arg-type]
