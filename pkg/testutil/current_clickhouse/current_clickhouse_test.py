"""The engine in this process answers, refuses what is wrong, and leaves nothing behind."""

import pytest

from pkg.testutil.current_clickhouse import CurrentClickHouse, Refused, current_clickhouse


def test_it_is_newer_than_any_debian_has() -> None:
    """Its version begins with a year."""
    with current_clickhouse() as clickhouse:
        assert int(clickhouse.query("SELECT version()").split(".")[0]) >= 26


def test_what_was_written_is_read() -> None:
    """Also non-ASCII text, as rows that tabs separate."""
    with current_clickhouse() as clickhouse:
        clickhouse.query(
            "CREATE TABLE visits (id UInt32, page String) ENGINE = MergeTree ORDER BY id"
        )
        assert clickhouse.query("INSERT INTO visits VALUES (2, 'grün'), (1, 'b')") == ""
        assert clickhouse.query("SELECT * FROM visits ORDER BY id") == "1\tb\n2\tgrün\n"


def test_the_next_one_has_none_of_it() -> None:
    """Tables and settings end with it."""
    for _ in range(2):
        with current_clickhouse() as clickhouse:
            clickhouse.query("CREATE TABLE visits (id UInt32) ENGINE = Memory")


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT FROM WHERE", 62),
        ("SELECT no_such_function(1)", 46),
        ("SELECT length(groupArray(number)) FROM (SELECT number FROM system.numbers)", 241),
    ],
)
def test_a_refusal_has_the_engines_words_and_number(sql: str, code: int) -> None:
    """Wrong SQL, and what would take all memory; the next statement works."""
    with current_clickhouse() as clickhouse:
        with pytest.raises(Refused, match="DB::Exception") as refused:
            clickhouse.query(sql)
        assert refused.value.code == code
        assert_works(clickhouse)


def assert_works(clickhouse: CurrentClickHouse) -> None:
    assert clickhouse.query("SELECT 1") == "1\n"
