"""Who holds a right may, who holds another may not, and is told what is missing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pkg.fault import Fault, Kind
from services.api.domain.rights import EVERYTHING, Right, anywhere, require, where

RIGHTS = st.sampled_from(Right)
PARTS = st.sampled_from(["*", "api", "rbac", "ratelimit", "api_1", "api_2", "read_key", "limit"])
HELD = st.sets(st.lists(PARTS, min_size=1, max_size=4).map(".".join), max_size=5)
steady = settings(derandomize=True, database=None, deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("held", "may"),
    [
        ("api.*.read_key", True),
        ("api.api_1.read_key", True),
        ("api.api_2.read_key", False),
        ("api.api_1.update_key", False),
        ("api.api_1", False),
        ("*", False),
    ],
)
def test_a_right_is_for_one_thing_or_for_all(held: str, may: bool) -> None:
    """And for one action."""
    assert Right.READ_KEY.on("api_1").allows({held}) is may


def test_a_right_on_all_is_not_had_by_one_on_some() -> None:
    """To create an API, one needs api.*.create_api."""
    assert not Right.CREATE_API.on().allows({"api.api_1.create_api"})
    assert str(Right.CREATE_API.on()) == "api.*.create_api"


@pytest.mark.parametrize("right", Right)
def test_everything_is_every_right_on_every_thing(right: Right) -> None:
    assert right.on("a_thing").allows(EVERYTHING)
    assert where(EVERYTHING, right) is None


def test_what_is_missing_is_told() -> None:
    """So that one can ask for it."""
    needed = Right.READ_KEY.on("api_1"), Right.DECRYPT_KEY.on("api_1")
    with pytest.raises(Fault) as refused:
        require({"api.*.read_key"}, *needed)
    assert refused.value.kind is Kind.FORBIDDEN
    assert "api.*.decrypt_key or api.api_1.decrypt_key" in refused.value.public
    assert "read_key" not in refused.value.public
    require({"api.*.read_key", "api.api_1.decrypt_key"}, *needed)


@pytest.mark.parametrize(
    ("held", "found"),
    [
        ({"api.api_1.read_key", "api.api_2.*", "*.api_3.read_key"}, {"api_1", "api_2", "api_3"}),
        ({"api.api_1.read_key", "api.*.*"}, None),
        ({"api.api_1.update_key", "rbac.api_1.read_key", "api.api_1", "*"}, set()),
    ],
)
def test_where_names_what_is_allowed(held: set[str], found: set[str] | None) -> None:
    """None is all of them."""
    assert where(held, Right.READ_KEY) == found


@steady
@given(HELD, RIGHTS)
def test_where_agrees_with_the_queries(held: set[str], right: Right) -> None:
    """Exactly those that it names are allowed."""
    found = where(held, right)
    for resource in ("api_1", "api_2", "api", "other"):
        assert right.on(resource).allows(held) is (found is None or resource in found)
    assert anywhere(held, right) is (found is None or bool(found))
