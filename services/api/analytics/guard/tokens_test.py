"""A query's words and signs are what they mean in ClickHouse."""

import pytest

from services.api.analytics.guard import NotTaken
from services.api.analytics.guard.tokens import Kind, tokens


def read(query: str) -> list[tuple[Kind, str]]:
    """The tokens, without the end."""
    return [(token.kind, token.value) for token in tokens(query)[:-1]]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"'a'", "a"),
        (r"''", ""),
        (r"'it''s'", "it's"),
        (r"'it\'s'", "it's"),
        (r"'\\'", "\\"),
        (r"'a\nb\tc\0'", "a\nb\tc\0"),
        (r"'100\%'", r"100\%"),
        (r"'a\_b'", r"a\_b"),
        (r"'\q'", "q"),
        ("'-- no comment'", "-- no comment"),
        ("'ä 🐢'", "ä 🐢"),
    ],
)
def test_texts(written: str, meant: str) -> None:
    """With both ways to write a quote, and LIKE's own escapes as they are."""
    assert read(written) == [(Kind.TEXT, meant)]


def test_comments_and_blanks_are_nothing() -> None:
    """In one line, or over several."""
    assert read("a -- b ' `\n/* c ' ; */d\t\r\n") == [(Kind.WORD, "a"), (Kind.WORD, "d")]


def test_names_in_quotes_are_no_keywords() -> None:
    """Of either kind."""
    assert read('`FROM` "a b"') == [(Kind.QUOTED, "FROM"), (Kind.QUOTED, "a b")]
    assert not tokens("`FROM`")[0].is_word("FROM")
    assert tokens("from")[0].is_word("FROM")


def test_numbers_end_where_they_end() -> None:
    assert read("1 1.5 2e-3<=7") == [
        *((Kind.NUMBER, each) for each in ("1", "1.5", "2e-3")),
        (Kind.SIGN, "<="),
        (Kind.NUMBER, "7"),
    ]


@pytest.mark.parametrize(
    "odd",
    ["'a", "`a", '"a', "'a\\'", "a ? b", "#", "{a}", "1a", "1.2.3", "\0", "ä", "$1", "`a\\`b`"],
)
def test_what_is_none_is_refused(odd: str) -> None:
    """With its place."""
    with pytest.raises(NotTaken, match=r"at character \d"):
        tokens(odd)
