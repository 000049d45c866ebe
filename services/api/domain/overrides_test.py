"""An override is for the identifiers that its pattern says, and the most exact one counts."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.domain.examples import steady
from services.api.domain.overrides import Override, best, matches

TEXTS = st.text("ab", max_size=8)
PATTERNS = st.text("ab*", max_size=8)


def override(pattern: str) -> Override:
    """One for that pattern."""
    return Override(f"ro_{pattern}", pattern, 1, timedelta(seconds=1))


@pytest.mark.parametrize(
    ("pattern", "identifier", "is_its"),
    [
        ("premium_*", "premium_1", True),
        ("premium_*", "premium_", True),
        ("premium_*", "Premium_1", False),
        ("*_test", "a_test", True),
        ("*_test", "a_test_", False),
        ("*premium*", "a premium b", True),
        ("a*b", "ab", True),
        ("a*a", "a", False),
        ("*", "", True),
        ("a.c", "abc", False),
        ("a*c*", "abcd\n", True),
    ],
)
def test_a_star_is_any_characters(pattern: str, identifier: str, is_its: bool) -> None:
    """All others stand for themselves."""
    assert matches(pattern, identifier) is is_its


@steady
@given(PATTERNS, TEXTS)
def test_patterns_mean_what_regexes_mean(pattern: str, identifier: str) -> None:
    """Without their price."""
    regex = ".*".join(map(re.escape, pattern.split("*")))
    assert matches(pattern, identifier) is bool(re.fullmatch(regex, identifier, re.S))


def test_a_pattern_of_many_stars_is_decided_at_once() -> None:
    """Its maker and the identifier's are strangers."""
    assert not matches("*a" * 200 + "b", "a" * 512)


@pytest.mark.parametrize(
    ("patterns", "identifier", "found"),
    [
        (["*", "user_*", "user_1"], "user_1", "user_1"),
        (["*", "user_*"], "user_1", "user_*"),
        (["*", "*_1", "u*_1"], "user_1", "u*_1"),
        (["us*", "*_1", "**_1"], "user_1", "*_1"),
        (["*1", "u*"], "user_1", "*1"),
        (["user_2"], "user_1", None),
        (["a*", "a"], "a*", "a*"),
    ],
)
def test_the_most_exact_one_counts(patterns: list[str], identifier: str, found: str | None) -> None:
    """Whatever the order in which they are stored."""
    for ordered in (patterns, patterns[::-1]):
        chosen = best(map(override, ordered), identifier)
        assert (chosen and chosen.pattern) == found


@steady
@given(st.sets(PATTERNS, max_size=6), TEXTS, st.randoms())
def test_the_choice_is_the_same_in_any_order(
    patterns: set[str], identifier: str, random: object
) -> None:
    """On every instance, after every restart; and it is one that matches."""
    ordered = sorted(patterns)
    random.shuffle(ordered)  # type: ignore[attr-defined]
    chosen = best(map(override, ordered), identifier)
    assert chosen == best(map(override, sorted(patterns)), identifier)
    assert (chosen is None) is not any(matches(each, identifier) for each in patterns)
    if chosen is not None:
        assert matches(chosen.pattern, identifier)
