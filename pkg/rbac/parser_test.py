"""Texts that are queries are read as one means them; others are told where they go wrong."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkg.rbac import InvalidQuery, all_of, any_of, parse
from pkg.rbac.parser import MAX_DEPTH, MAX_LENGTH
from pkg.rbac.query import Query


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("api.*.read_key", all_of("api.*.read_key")),
        (" a  AND\tb ", all_of("a", "b")),
        ("a or b and c", any_of("a", all_of("b", "c"))),
        ("(a or b) and c", all_of(any_of("a", "b"), "c")),
        ("((a))", all_of("a")),
        ("a and (b and c)", all_of("a", "b", "c")),
        ("android or oracle", any_of("android", "oracle")),
    ],
)
def test_a_query_is_read(text: str, query: Query) -> None:
    """`and` before `or`; parentheses before both; words in any case."""
    assert parse(text) == query


@pytest.mark.parametrize(
    ("text", "at", "why"),
    [
        ("", 0, "the end instead of a permission"),
        ("  ", 0, "the end instead of a permission"),
        ("a and", 5, "the end instead of a permission"),
        ("and a", 0, "'and' instead of a permission"),
        ("a b", 2, "'b' instead of and, or, or the end"),
        ("(a", 2, "the end instead of )"),
        ("a)", 1, "')' instead of and, or, or the end"),
        ("()", 1, "')' instead of a permission"),
        ("a or b..c", 5, "'b..c' is no permission"),
        ("a || b", 2, "'||' instead of and, or, or the end"),
    ],
)
def test_what_is_no_query_is_told_where(text: str, at: int, why: str) -> None:
    """And what is expected there."""
    with pytest.raises(InvalidQuery) as refused:
        parse(text)
    assert refused.value.at == at
    assert f"at character {at + 1}: {why}" in str(refused.value)


def test_a_query_is_bounded() -> None:
    """In length and depth: it may come from a stranger."""
    parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH)
    with pytest.raises(InvalidQuery, match=f"more than {MAX_DEPTH} parentheses"):
        parse("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1))
    with pytest.raises(InvalidQuery, match=f"longer than {MAX_LENGTH} characters"):
        parse("a or " * MAX_LENGTH + "a")


@settings(derandomize=True, database=None, deadline=None, max_examples=500)
@given(st.text(alphabet="ab*.() \tandorANDOR\0ä", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    """By no other error."""
    with suppress(InvalidQuery):
        query = parse(text)
        assert parse(str(query)) == query
