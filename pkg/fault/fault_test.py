"""What callers are told and what the log is told stay apart."""

import traceback

import pytest

from pkg.fault import Fault, Kind, of

MISSING = Fault(Kind.NOT_FOUND, "key_not_found", "There is no such key.", "key_1 of ws_2 in row 7")


def test_the_detail_is_for_the_log_only() -> None:
    """A caller's code and sentence have nothing of it."""
    assert str(MISSING) == "key_not_found: key_1 of ws_2 in row 7"
    assert (MISSING.code, MISSING.public) == ("key_not_found", "There is no such key.")
    assert (MISSING.kind.value, MISSING.detail) == (404, "key_1 of ws_2 in row 7")


def test_without_a_detail_the_sentence_is_logged() -> None:
    assert str(Fault(Kind.INVALID, "bad_name", "Give a name.")) == "bad_name: Give a name."


def test_a_fault_is_found_below_what_was_raised_from_it() -> None:
    """At any depth; one that was only being handled is not the cause."""

    def raised() -> None:
        try:
            try:
                raise MISSING
            except Fault as fault:
                raise KeyError("key_1") from fault
        except KeyError as error:
            raise RuntimeError("in a library") from error

    with pytest.raises(RuntimeError) as caught:
        raised()
    assert of(caught.value) is MISSING
    handled = ValueError("ws_2")
    handled.__context__ = MISSING
    assert of(handled).code == "internal_error"


def test_any_other_error_is_internal_and_tells_callers_nothing() -> None:
    """The log has its kind, its text and its traceback."""
    error = ValueError("password of ws_2")
    fault = of(error)
    assert (fault.kind, fault.code) == (Kind.INTERNAL, "internal_error")
    assert "ws_2" not in fault.public
    assert "ValueError: password of ws_2" in str(fault)
    assert "ValueError" in "".join(traceback.format_exception(fault))


def test_a_chain_in_a_circle_ends() -> None:
    """As badly written code makes it."""
    one, other = ValueError("1"), ValueError("2")
    one.__cause__, other.__cause__ = other, one
    assert of(one).code == "internal_error"


def test_what_may_be_tried_again_is_what_passes() -> None:
    """A limit, and an outage."""
    assert {kind for kind in Kind if kind.may_be_tried_again} == {Kind.TOO_MANY, Kind.UNAVAILABLE}


@pytest.mark.parametrize("code", ["", "Key", "key not found", "key-gone", "k\n", "k" * 65])
def test_a_code_that_is_none_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="such as key_not_found"):
        Fault(Kind.INVALID, code, "Give a name.")


def test_callers_need_a_sentence() -> None:
    with pytest.raises(ValueError, match="give callers a sentence"):
        Fault(Kind.INVALID, "bad_name", " ", "a detail")
