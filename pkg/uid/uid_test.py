"""Ids sort by their time, can't be guessed, and say what they are of."""

from datetime import UTC, datetime, timedelta

import pytest

from pkg.clock import FakeClock
from pkg.uid import InvalidUid, Uid, new, parse


def test_an_id_says_what_it_is_of_and_when_it_was_made(clock: FakeClock) -> None:
    """To the millisecond."""
    clock.advance(timedelta(days=1, microseconds=123_999))
    made_at = datetime(2026, 1, 2, 0, 0, 0, 123_000, tzinfo=UTC)
    assert parse(new("key", clock)) == parse(new("key", clock), "key") == Uid("key", made_at)


def test_ids_sort_as_they_were_made(clock: FakeClock) -> None:
    """Those of different milliseconds, over all digits of the time."""
    made = []
    for step in (0.001, 0.031, 1, 3600, 86_400 * 365, 86_400 * 3650):
        made.append(new("key", clock))
        clock.advance(step)
    assert made == sorted(made)
    assert {len(each) for each in made} == {33}


def test_case_does_not_matter(clock: FakeClock) -> None:
    """A case-insensitive column keeps all apart, and sorts them alike."""
    made = [new("key", clock) for _ in range(100)]
    assert made == [each.lower() for each in made]


def test_ids_of_one_moment_differ_everywhere(clock: FakeClock) -> None:
    """96 random bits: each of the last 19 digits takes many values, none twice the same."""
    made = [new("key", clock) for _ in range(2000)]
    assert len(set(made)) == 2000
    assert len({each[:13] for each in made}) == 1
    for place in range(-19, 0):
        assert len({each[place] for each in made}) == 32


@pytest.mark.parametrize("prefix", ["", "Key", "1key", "api_key", "k" * 17, "schlüssel", "k\n"])
def test_a_prefix_that_is_none_is_refused(clock: FakeClock, prefix: str) -> None:
    with pytest.raises(InvalidUid, match="lower-case letters and digits"):
        new(prefix, clock)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key",
        "key_",
        "key_" + "0" * 28,
        "key_" + "0" * 30,
        "key_" + "0" * 28 + "u",
        "KEY_" + "0" * 29,
        "key_" + "0" * 29 + "\n",
        "key_" + "z" * 29,
        "key-" + "0" * 29,
        "_" + "0" * 29,
    ],
)
def test_a_text_that_is_no_id_is_refused_unseen(text: str) -> None:
    """The message does not repeat it: it may be a secret that came to the wrong place."""
    with pytest.raises(InvalidUid) as refused:
        parse(text)
    assert len(text) < 5 or text not in str(refused.value)


def test_another_kinds_id_is_refused(clock: FakeClock) -> None:
    """And the kind that is wanted is named."""
    with pytest.raises(InvalidUid, match="give one of api_"):
        parse(new("key", clock), "api")
