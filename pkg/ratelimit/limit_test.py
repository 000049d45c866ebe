"""What a limit may be, and the windows in memory."""

from datetime import timedelta

import pytest

from pkg.ratelimit import Decision, Limit
from pkg.ratelimit.local import Local

SECOND = timedelta(seconds=1)
TEN = Limit("key_1", units=10, window=SECOND)


@pytest.mark.parametrize(
    ("name", "units", "window", "why"),
    [
        ("", 1, SECOND, "needs a name"),
        ("a", 0, SECOND, "give 1 to 100000"),
        ("a", 100_001, SECOND, "give 1 to 100000"),
        ("a", 1, timedelta(), "whole milliseconds"),
        ("a", 1, timedelta(microseconds=1500), "whole milliseconds"),
        ("a", 1, timedelta(days=32), "whole milliseconds"),
    ],
)
def test_a_limit_that_is_none_is_refused(
    name: str, units: int, window: timedelta, why: str
) -> None:
    """With what it may be."""
    with pytest.raises(ValueError, match=why):
        Limit(name, units, window)


def test_a_window_in_memory_slides() -> None:
    """As one in Redis does, and says that it is not exact."""
    local = Local()
    assert local.take([(TEN, 6)], 0) == [Decision(True, 4, timedelta(), exact=False)]
    assert local.take([(TEN, 4)], 400) == [Decision(True, 0, timedelta(), exact=False)]
    (refused,) = local.take([(TEN, 7)], 500)
    assert (refused.allowed, refused.retry_after) == (False, timedelta(milliseconds=900))
    assert local.take([(TEN, 6)], 1000)[0].allowed
    assert not local.take([(TEN, 1)], 1399)[0].allowed
    assert local.take([(TEN, 11)], 1399)[0].retry_after == SECOND


def test_limits_in_memory_are_used_together_or_each_for_itself() -> None:
    """As in Redis: where one has not enough left, the others keep theirs, or are used."""
    local, few = Local(), Limit("few", 1, SECOND)
    asked = [(TEN, 4), (few, 2)]
    assert [each.allowed for each in local.take(asked, 0)] == [True, False]
    assert local.take([(TEN, 0)], 0)[0].remaining == 10
    twice = [*asked, (TEN, 4), (TEN, 4)]
    apart = local.take(twice, 0, together=False)
    assert [(each.allowed, each.remaining) for each in apart] == [
        (True, 6),
        (False, 1),
        (True, 2),
        (False, 2),
    ]


def test_memory_is_bounded() -> None:
    """Of limits that nobody has asked for longest, what was used is forgotten."""
    local = Local(names=2)
    for name in ("a", "b", "a", "c"):
        local.take([(Limit(name, 10, SECOND), 1)], 0)
    left = {name: local.take([(Limit(name, 10, SECOND), 0)], 0)[0].remaining for name in ("a", "c")}
    assert left == {"a": 8, "c": 9}
    assert local.take([(Limit("b", 10, SECOND), 0)], 0)[0].remaining == 10
