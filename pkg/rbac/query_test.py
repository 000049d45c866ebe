"""Who holds what a query asks for is let in, and nobody else."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkg.rbac import InvalidPermission, Query, all_of, any_of, covers, parse, permission

PARTS = st.sampled_from(["a", "b", "*"])
NAMES = st.lists(PARTS, min_size=1, max_size=3).map(".".join)
QUERIES = st.recursive(
    NAMES.map(permission),
    lambda below: st.lists(below, min_size=1, max_size=3).flatmap(
        lambda parts: st.sampled_from([all_of(*parts), any_of(*parts)])
    ),
    max_leaves=8,
)
HELD = st.sets(NAMES, max_size=4)
steady = settings(derandomize=True, database=None, deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("held", "asked", "is_covered"),
    [
        ("api.x.read_key", "api.x.read_key", True),
        ("api.*.read_key", "api.x.read_key", True),
        ("api.*.read_key", "api.*.read_key", True),
        ("*.*.*", "api.x.read_key", True),
        ("api.x.read_key", "api.*.read_key", False),
        ("api.*", "api.x.read_key", False),
        ("*", "api.x", False),
        ("api.x", "api.y", False),
        ("api.x*", "api.xy", False),
        ("API.x", "api.x", False),
    ],
)
def test_a_star_that_is_held_stands_for_one_part(held: str, asked: str, is_covered: bool) -> None:
    """Asked for, it is no wildcard: to read all keys needs the right to all."""
    assert covers(held, asked) is is_covered


def test_and_needs_all_and_or_needs_one() -> None:
    """Tried with all sets of permissions."""
    query = all_of("a", any_of("b", "c"))
    for held in itertools.chain.from_iterable(itertools.combinations("abc", n) for n in range(4)):
        assert query.allows(held) is ("a" in held and ("b" in held or "c" in held))


def test_what_is_missing_is_told() -> None:
    """Only what is, so that it can be asked for."""
    query = parse("a and (b or c) and d")
    assert str(query.missing({"a"})) == "(b or c) and d"
    assert str(query.missing({"a", "b"})) == "d"
    assert query.missing({"a", "c", "d"}) is None


@steady
@given(QUERIES, HELD, HELD)
def test_more_permissions_never_take_a_right_away(
    query: Query, held: set[str], more: set[str]
) -> None:
    """And what is missing is exactly what makes them enough."""
    if query.allows(held):
        assert query.allows(held | more)
        assert query.missing(held) is None
    else:
        missing = query.missing(held)
        assert missing is not None
        assert query.allows(held | more) is missing.allows(held | more)


@steady
@given(QUERIES)
def test_a_querys_text_is_the_same_query(query: Query) -> None:
    """It can be stored, and read again."""
    assert parse(str(query)) == query


def test_a_query_of_nothing_is_refused() -> None:
    """All of nothing would let everybody in."""
    for make in (all_of, any_of):
        with pytest.raises(ValueError, match="a query of nothing"):
            make()


@pytest.mark.parametrize(
    "name", ["", ".", "a.", ".a", "a..b", "a b", "a*", "ä", "a\n", "a" * 513, "AND", "or"]
)
def test_what_is_no_permission_is_refused(name: str) -> None:
    """With an example of one."""
    with pytest.raises(InvalidPermission, match=r"such as api\.\*\.read_key"):
        permission(name)
