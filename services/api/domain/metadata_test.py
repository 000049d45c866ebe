"""Callers' JSON is stored as it is, within bounds."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.domain.examples import steady
from services.api.domain.faults import InvalidRequest
from services.api.domain.metadata import MAX_BYTES, MAX_DEPTH, encoded

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=3), below),
    max_leaves=10,
)


@steady
@given(st.dictionaries(st.text(max_size=3), VALUES, max_size=3))
def test_it_comes_back_as_it_was(meta: dict[str, Any]) -> None:
    """Numbers of any size, and any characters."""
    assert json.loads(encoded(meta)) == meta


def nested(depth: int) -> dict[str, Any]:
    """An object in an object, so deep."""
    made: dict[str, Any] = {}
    for _ in range(depth - 1):
        made = {"a": made}
    return made


def test_its_depth_is_bounded() -> None:
    """Also where it is far deeper than a recursion could go."""
    assert encoded(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 100_000):
        with pytest.raises(InvalidRequest, match=r"body\.meta: it is nested"):
            encoded(nested(depth))


def test_its_length_is_bounded() -> None:
    """In bytes, not in characters."""
    around = len('{"a":""}')
    assert encoded({"a": "ä" * ((MAX_BYTES - around) // 2)})
    with pytest.raises(InvalidRequest, match=r"body\.meta: it is longer than 65536 bytes"):
        encoded({"a": "ä" * (MAX_BYTES // 2)})
