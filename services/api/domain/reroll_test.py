"""A key's successor has all but its text, and the old one ends when it was said."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.domain import examples, reroll, secret
from services.api.domain.examples import HOUR, KEYS, NOW, steady
from services.api.domain.key import Key
from services.api.domain.verification import Asked, Caller, Code, check


@pytest.mark.parametrize(
    ("before", "grace", "after"),
    [
        (None, HOUR, NOW + HOUR),
        (None, timedelta(), NOW),
        (None, None, None),
        (NOW + HOUR / 2, HOUR, NOW + HOUR / 2),
        (NOW + 2 * HOUR, HOUR, NOW + HOUR),
        (NOW + HOUR, None, NOW + HOUR),
    ],
)
def test_the_old_one_ends_after_its_grace(before: object, grace: object, after: object) -> None:
    """Never later than it would have anyway."""
    old = examples.key(expires_at=before)
    assert reroll.expires_at(old, grace, NOW) == after  # type: ignore[arg-type]


def test_no_grace_ends_it_at_once() -> None:
    """In the same moment it is valid no more."""
    old = examples.key()
    ended = examples.key(expires_at=reroll.expires_at(old, timedelta(), NOW))
    caller = Caller("ws_1", frozenset({"api.*.verify_key"}))
    assert check(ended, caller, Asked(), NOW) is Code.EXPIRED


@steady
@given(KEYS, st.none() | st.timedeltas(timedelta(), 4 * HOUR))
def test_a_reroll_never_prolongs(old: Key, grace: timedelta | None) -> None:
    """Whatever the grace."""
    end = reroll.expires_at(old, grace, NOW)
    if old.expires_at is not None:
        assert end is not None
        assert end <= old.expires_at
    elif end is not None:
        assert grace is not None
        assert end == NOW + grace


@steady
@given(KEYS)
def test_the_successor_has_all_that_the_old_one_has(old: Key) -> None:
    """But its text, id and past."""
    made = secret.new("prod", 16)
    new = reroll.successor(old, "key_2", (), made, NOW)
    changed = {name for name, value in vars(new).items() if value != getattr(old, name)}
    assert changed <= {"id", "start", "created_at", "ratelimits"}
    assert (new.id, new.start, new.created_at) == ("key_2", made.start, NOW)
