"""A key comes out of the cache as it went in; what is none is loaded anew."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.api.domain import examples
from services.api.domain.examples import KEYS, steady
from services.api.domain.key import Key
from services.api.rows import Rows

KEYS_AS_ROWS = Rows(Key, "1")
META: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.text(max_size=3), st.none() | st.integers() | st.lists(st.booleans(), max_size=2), max_size=3
)


@steady
@given(KEYS, st.none() | META)
def test_a_key_comes_back_as_it_was(key: Key, meta: dict[str, Any] | None) -> None:
    """With times, credits, limits and the caller's own JSON."""
    key = replace(key, meta=meta)
    assert KEYS_AS_ROWS.decode(KEYS_AS_ROWS.encode(key)) == key


@pytest.mark.parametrize("change", [lambda s: b"0" + s[1:], lambda s: s[:-1], lambda s: b"1{}"])
def test_what_is_no_key_is_refused(change: Any) -> None:
    """Another release's, or half of one: the cache takes it for a miss."""
    with pytest.raises(ValueError, match="row"):
        KEYS_AS_ROWS.decode(change(KEYS_AS_ROWS.encode(examples.key())))


def test_an_empty_value_is_no_key() -> None:
    """Whatever has put it there."""
    with pytest.raises(ValueError, match="row"):
        KEYS_AS_ROWS.decode(b"")
