"""eventually() waits as long as it takes, and says what it waited for in vain."""

import itertools
import re
import time
from functools import partial

import pytest

from pkg.testutil import eventually


def test_it_returns_what_the_check_returns() -> None:
    """What was waited for is at hand."""
    assert eventually(lambda: b"value") == b"value"


def test_a_function_of_asserts_holds_when_all_of_them_do() -> None:
    """It returns None then."""
    calls: list[int] = []

    def check() -> None:
        calls.append(1)
        assert len(calls) == 2

    assert eventually(check, every=0.001) is None
    assert calls == [1, 1]


@pytest.mark.parametrize("nothing", [None, 0, b"", []])
def test_an_expression_that_finds_nothing_does_not_hold(nothing: object) -> None:
    """As with client.get(key) and client.exists(key), in a lambda or a partial."""
    with pytest.raises(AssertionError, match=rf"it returned {re.escape(repr(nothing))}"):
        eventually(lambda: nothing, within=0)
    with pytest.raises(AssertionError, match="it returned None"):
        eventually(partial({"a": 1}.get, "b"), within=0)


def test_it_goes_on_while_the_check_returns_false() -> None:
    """The third call is the first that holds, and there is no fourth."""
    counter = itertools.count(1)
    assert eventually(lambda: next(counter) >= 3, every=0.001)
    assert next(counter) == 4


def test_it_goes_on_while_an_assertion_fails() -> None:
    """Assertions that fail at first are forgotten once they hold."""
    counter = itertools.count(1)

    def third() -> int:
        number = next(counter)
        assert number >= 3, f"only {number}"
        return number

    assert eventually(third, every=0.001) == 3


def test_what_never_holds_is_told_with_the_last_failure_and_the_tries() -> None:
    """The message has the limit, the tries and the last failure, which is also the cause."""
    counter = itertools.count(1)

    def never() -> None:
        raise AssertionError(f"failure {next(counter)}")

    with pytest.raises(AssertionError, match=r"not within 0\.05 s \(\d+ tries\): ") as caught:
        eventually(never, within=0.05, every=0.01)
    tries = next(counter) - 1
    assert f"({tries} tries): failure {tries}" in str(caught.value)
    assert str(caught.value.__cause__) == f"failure {tries}"


def test_a_check_that_returns_false_for_ever_is_told() -> None:
    """With no time at all it is still called once."""
    with pytest.raises(AssertionError, match=r"not within 0 s \(1 try\): it returned False"):
        eventually(lambda: False, within=0)


def test_any_other_exception_is_raised_at_once() -> None:
    """A bug in the check is not waited for."""
    calls: list[int] = []

    def broken() -> None:
        calls.append(1)
        raise KeyError("typo")

    with pytest.raises(KeyError, match="typo"):
        eventually(broken)
    assert calls == [1]


def test_a_long_pause_does_not_outlast_the_limit() -> None:
    """The last try is at the limit, however long the pauses are."""
    began = time.monotonic()
    with pytest.raises(AssertionError, match=r"\(2 tries\)"):
        eventually(lambda: False, within=0.05, every=60)
    assert time.monotonic() - began < 30
