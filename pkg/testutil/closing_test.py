"""What was opened is closed in reverse, whatever happens on the way."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from pkg.testutil.closing import Closing


class Thing:
    """Notes its end in a list, and may fail then."""

    def __init__(self, name: str, ended: list[str], error: Exception | None = None) -> None:
        self.name = name
        self._ended = ended
        self._error = error

    def close(self) -> None:
        self._ended.append(self.name)
        if self._error:
            raise self._error


def test_things_blocks_and_functions_end_in_reverse() -> None:
    ended: list[str] = []

    @contextmanager
    def block() -> Iterator[str]:
        yield "given"
        ended.append("block")

    with Closing() as closing:
        assert closing.closing(Thing("a", ended)).name == "a"
        assert closing.enter(block()) == "given"
        closing.on_close(lambda: ended.append("function"))
        assert ended == []
    assert ended == ["function", "block", "a"]


def test_one_that_fails_keeps_none_from_its_end() -> None:
    """Its error is raised when all had their turn."""
    ended: list[str] = []
    closing = Closing()
    closing.closing(Thing("a", ended))
    closing.closing(Thing("b", ended, OSError("b is stuck")))
    closing.closing(Thing("c", ended))
    with pytest.raises(OSError, match="b is stuck"):
        closing.close()
    assert ended == ["c", "b", "a"]


def test_several_that_fail_are_all_told() -> None:
    closing = Closing()
    closing.closing(Thing("a", [], OSError("a is stuck")))
    closing.closing(Thing("b", [], ValueError("b is stuck")))
    with pytest.raises(ExceptionGroup) as caught:
        closing.close()
    assert [str(error) for error in caught.value.exceptions] == ["b is stuck", "a is stuck"]


def test_a_second_close_ends_nothing_twice() -> None:
    ended: list[str] = []
    closing = Closing()
    closing.closing(Thing("a", ended))
    closing.close()
    closing.close()
    assert ended == ["a"]


def test_what_is_opened_while_others_end_ends_too() -> None:
    """As by a function that opens something to clean up with."""
    ended: list[str] = []
    with Closing() as closing:
        closing.on_close(lambda: closing.closing(Thing("late", ended)))
    assert ended == ["late"]


class Stuck(AbstractContextManager[None]):
    """A block that cannot be entered."""

    def __enter__(self) -> None:
        raise OSError("no room")

    def __exit__(self, *error: object) -> None:
        raise AssertionError("it was never entered")


def test_a_block_that_cannot_be_entered_is_not_ended() -> None:
    closing = Closing()
    with pytest.raises(OSError, match="no room"):
        closing.enter(Stuck())
    closing.close()
