"""Whatever a query says, what ClickHouse is asked sees one workspace's verifications alone."""

import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.api.analytics.guard import NotTaken, Statement, functions, guarded
from services.api.analytics.guard.queries import HOSTILE, TAKEN, made_up, soup

steady = settings(derandomize=True, database=None, deadline=None, max_examples=300)
_TABLE = "FROM verifications_v1 FINAL WHERE workspace_id = %(workspace)s"
_COLUMNS = {
    *("request_id", "at", "time", "workspace_id", "api_id", "keyspace_id", "key_space_id"),
    *("external_id", "key_id", "outcome", "tags", "cost", "spent_credits", "count"),
}
_WORDS = {
    *("SELECT", "DISTINCT", "FROM", "WHERE", "AND", "OR", "IN", "AS", "GROUP", "BY", "HAVING"),
    *("ORDER", "ASC", "DESC", "NULLS", "FIRST", "LAST", "LIMIT", "NULL", "UNION", "ALL"),
    *("INNER", "LEFT", "JOIN", "USING"),
}
# Of ours, beside those that a caller may name.
_FUNCTIONS = {"not", "negate", "like", "arrayElement", "replaceRegexpAll"}
_OURS = ("'UTC'", "'^[ ]+|[ ]+$'", "''")


def assert_sees_its_own_alone(statement: Statement) -> None:
    """By its words: the table stands behind the condition, and nothing else is known there."""
    rest = re.sub(r"`[A-Za-z_][A-Za-z0-9_]{0,63}`", "", statement.sql).replace(_TABLE, "")
    assert "verifications_v1" not in rest
    for ours in _OURS:
        rest = rest.replace(ours, "")
    assert all(match[1] for match in re.finditer(r"\b(?:FROM|JOIN)\b( \(SELECT )?", rest)), rest
    rest = re.sub(r"%\((workspace|apis|p\d+)\)s|%%", "", rest)
    assert re.fullmatch(r"[\w\s.,()\[\]<>=!+*/|-]*", rest, re.ASCII), rest
    assert "--" not in rest
    assert "/*" not in rest
    for word in re.findall(r"(?<![\d.])[A-Za-z_]\w*", rest):
        assert word in _WORDS | _COLUMNS | _FUNCTIONS or functions.known(word) == word, rest
    assert statement.parameters["workspace"] == "ws_1"


def check(query: str) -> None:
    """A query is refused, or asks what may be asked."""
    with suppress(NotTaken):
        assert_sees_its_own_alone(guarded(query, "ws_1"))


@pytest.mark.parametrize(("query", "words"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_reaches_for_more_is_refused(query: str, words: str) -> None:
    """With what it is and what to do instead, and none of its literals."""
    with pytest.raises(NotTaken, match=words) as refused:
        guarded(query, "ws_1")
    assert "passwd" not in str(refused.value)
    assert "10.0.0.1" not in str(refused.value)


@pytest.mark.parametrize("query", TAKEN)
def test_what_is_taken_sees_its_own_alone(query: str) -> None:
    """At each place where it names a table."""
    assert_sees_its_own_alone(guarded(query, "ws_1"))


@steady
@given(made_up())
def test_what_chance_makes_up_sees_its_own_alone(query: str) -> None:
    """Or is refused; never another error."""
    check(query)


@steady
@given(soup() | st.text())
def test_no_text_gets_through(text: str) -> None:
    """Nor makes the guard fail."""
    check(text)


@steady
@given(st.text(), st.sampled_from(["'{}'", "'{}", "`{}`", '"{}"', "/*{}*/", "--{}\n", "{}"]))
def test_nothing_ends_what_it_stands_in(text: str, quotes: str) -> None:
    """A text, a name or a comment."""
    check(f"SELECT {quotes.format(text)} FROM key_verifications_v1 WHERE key_id = 'a'")
    check(f"SELECT key_id AS {quotes.format(text)} FROM key_verifications_v1")


@steady
@given(st.text())
def test_a_text_arrives_as_it_is_meant(text: str) -> None:
    """As a parameter, and nowhere else."""
    written = text.replace("\\", "\\\\").replace("'", "\\'")
    statement = guarded(f"SELECT '{written}' AS a FROM key_verifications_v1", "ws_1")
    assert statement.parameters["p1"] == text
    assert statement.sql.startswith("SELECT %(p1)s AS `a` FROM (")


@steady
@given(st.lists(st.text(), max_size=3))
def test_apis_are_parameters(apis: list[str]) -> None:
    """Whatever a root key's permissions say; of no API there is nothing."""
    statement = guarded("SELECT * FROM key_verifications_v1", "ws_1", apis)
    assert statement.parameters["apis"] == tuple(sorted(set(apis)))
    assert f"{_TABLE} AND api_id IN %(apis)s" in statement.sql
