"""What is absent stays, null takes away, and what makes no sense is refused where it stands."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from services.api.domain import credit_changes
from services.api.domain.credits import MOST, Credits, Refill
from services.api.domain.examples import CREDITS, HOUR, NOW, steady
from services.api.domain.faults import InvalidRequest
from services.api.wire.keys import CreditsRequest, UpdateCreditsPart, UpdateCreditsRequest

DAILY = {"interval": "daily", "amount": 9}
MONTHLY = {"interval": "monthly", "amount": 9, "refillDay": 31}
HAD = Credits(5, Refill(7), NOW - HOUR)


def updated(credits: Credits | None, change: Any) -> Credits | None:
    """After keys.updateKey with these credits."""
    asked: UpdateCreditsPart | None = msgspec.convert(change, UpdateCreditsPart | None)
    return credit_changes.updated(credits, asked, NOW)


def counted(credits: Credits | None, operation: str, **value: int | None) -> Credits | None:
    """After keys.updateCredits."""
    body = {"keyId": "key_1", "operation": operation} | value
    return credit_changes.counted(credits, msgspec.convert(body, UpdateCreditsRequest), NOW)


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        (UNSET, None),
        ({"remaining": None}, None),
        ({"remaining": 3}, Credits(3, None, NOW)),
        ({"remaining": 3, "refill": DAILY}, Credits(3, Refill(9), NOW)),
        ({"remaining": 0, "refill": MONTHLY}, Credits(0, Refill(9, 31), NOW)),
    ],
)
def test_a_new_key_has_what_was_asked_for(asked: Any, made: Credits | None) -> None:
    """Refills count from its beginning."""
    request: CreditsRequest | UnsetType = (
        UNSET if asked is UNSET else msgspec.convert(asked, CreditsRequest)
    )
    assert credit_changes.created(request, NOW) == made


def test_a_rule_made_by_a_clock_that_was_set_back_fills_nothing_again() -> None:
    """The refill that was done counts, though it lies ahead."""
    filled = Credits(0, Refill(7), NOW + HOUR)
    for change in ({"refill": DAILY}, {"remaining": 0, "refill": DAILY}):
        assert updated(filled, change) == Credits(0, Refill(9), NOW + HOUR)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        (HAD, {}, HAD),
        (None, {}, None),
        (HAD, None, None),
        (HAD, {"remaining": None}, None),
        (HAD, {"remaining": None, "refill": None}, None),
        (HAD, {"remaining": 1}, Credits(1, Refill(7), HAD.refilled_at)),
        (HAD, {"refill": None}, Credits(5, None, NOW)),
        (HAD, {"refill": DAILY}, Credits(5, Refill(9), NOW)),
        (None, {"remaining": 1}, Credits(1, None, NOW)),
        (None, {"remaining": 1, "refill": MONTHLY}, Credits(1, Refill(9, 31), NOW)),
        (None, {"refill": None}, None),
    ],
)
def test_an_update_changes_what_it_names(
    before: Credits | None, change: Any, after: Credits | None
) -> None:
    """And leaves the rest."""
    assert updated(before, change) == after


def test_an_update_without_credits_leaves_them() -> None:
    """Also a refill that is due."""
    due = Credits(0, Refill(7), NOW - timedelta(days=3))
    assert credit_changes.updated(due, UNSET, NOW) is due
    changed = updated(due, {"refill": DAILY})
    assert changed is not None
    assert changed.remaining == 7


@pytest.mark.parametrize(
    ("before", "change", "at"),
    [
        (None, {"refill": DAILY}, "refill"),
        (HAD, {"remaining": None, "refill": DAILY}, "refill"),
        (HAD, {"refill": DAILY | {"refillDay": 1}}, "refill.refillDay"),
        (HAD, {"refill": {"interval": "monthly", "amount": 1}}, "refill.refillDay"),
    ],
)
def test_what_makes_no_sense_is_refused(before: Credits | None, change: Any, at: str) -> None:
    """With its place, and what to do."""
    with pytest.raises(InvalidRequest) as refused:
        updated(before, change)
    assert [each.location for each in refused.value.fields] == [f"body.credits.{at}"]
    assert all(each.fix for each in refused.value.fields)


def test_a_new_key_with_unlimited_credits_has_no_refill() -> None:
    """It would fill nothing."""
    with pytest.raises(InvalidRequest, match="unlimited credits need no refill"):
        credit_changes.created(
            msgspec.convert({"remaining": None, "refill": DAILY}, CreditsRequest), NOW
        )


@pytest.mark.parametrize(
    ("before", "operation", "value", "after"),
    [
        (HAD, "set", {"value": 1}, Credits(1, Refill(7), HAD.refilled_at)),
        (HAD, "set", {"value": None}, None),
        (HAD, "set", {}, None),
        (None, "set", {"value": 1}, Credits(1, None, NOW)),
        (HAD, "increment", {"value": 2}, Credits(7, Refill(7), HAD.refilled_at)),
        (HAD, "decrement", {"value": 2}, Credits(3, Refill(7), HAD.refilled_at)),
        (HAD, "decrement", {"value": 6}, Credits(0, Refill(7), HAD.refilled_at)),
    ],
)
def test_credits_are_set_added_and_taken(
    before: Credits | None, operation: str, value: dict[str, Any], after: Credits | None
) -> None:
    """Never below nothing."""
    assert counted(before, operation, **value) == after


@pytest.mark.parametrize(
    ("before", "operation", "value", "at"),
    [
        (HAD, "increment", {}, "body.value"),
        (HAD, "decrement", {"value": None}, "body.value"),
        (None, "increment", {"value": 1}, "body.operation"),
        (None, "decrement", {"value": 1}, "body.operation"),
        (HAD, "increment", {"value": MOST}, "body.value"),
    ],
)
def test_what_cannot_be_counted_is_refused(
    before: Credits | None, operation: str, value: dict[str, Any], at: str
) -> None:
    """The credits stay as they are."""
    with pytest.raises(InvalidRequest) as refused:
        counted(before, operation, **value)
    assert [each.location for each in refused.value.fields] == [at]


@steady
@given(CREDITS, st.integers(0, 5))
def test_what_is_added_and_taken_again_changes_nothing(before: Credits, value: int) -> None:
    """But a refill that was due meanwhile."""
    added = counted(before, "increment", value=value)
    assert counted(added, "decrement", value=value) == before.at(NOW)
