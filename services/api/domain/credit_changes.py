"""What requests make of a key's credits; None is as many as one likes."""

from datetime import datetime

from msgspec import UNSET, UnsetType

from services.api.domain.credits import MOST, Credits, Refill
from services.api.domain.faults import InvalidRequest, invalid
from services.api.wire.keys import (
    CreditsRequest,
    RefillRequest,
    UpdateCreditsPart,
    UpdateCreditsRequest,
)

_AT = "body.credits"


def created(asked: CreditsRequest | UnsetType, now: datetime) -> Credits | None:
    """A new key's credits.

    Raises:
        InvalidRequest: there is nothing that a refill could fill, or its day is not as it has to.
    """
    if asked is UNSET:
        return None
    if asked.remaining is None:
        if asked.refill is not UNSET:
            raise _nothing_to_refill()
        return None
    return Credits(asked.remaining, None if asked.refill is UNSET else _refill(asked.refill), now)


def updated(
    credits: Credits | None, asked: UpdateCreditsPart | UnsetType | None, now: datetime
) -> Credits | None:
    """A key's credits after keys.updateKey. What is absent stays.

    Raises:
        InvalidRequest: as for a new key.
    """
    if asked is UNSET:
        return credits
    if asked is None:
        return None
    current = None if credits is None else credits.at(now)
    if asked.remaining is None or (asked.remaining is UNSET and current is None):
        if asked.refill is not UNSET and asked.refill is not None:
            raise _nothing_to_refill()
        return None
    refill, since = (current.refill, current.refilled_at) if current else (None, now)
    if asked.refill is not UNSET:
        # A new rule is for what comes; what was due before it was not promised. And what was filled
        # is not filled again where the clock was set back since.
        refill = None if asked.refill is None else _refill(asked.refill)
        since = max(now, since)
    if asked.remaining is UNSET:
        assert current is not None
        return Credits(current.remaining, refill, since)
    return Credits(asked.remaining, refill, since)


def counted(credits: Credits | None, asked: UpdateCreditsRequest, now: datetime) -> Credits | None:
    """A key's credits after keys.updateCredits.

    Raises:
        InvalidRequest: there is no value to add or take, nothing that it could be added to or
            taken from, or it would be more than can be stored.
    """
    current = None if credits is None else credits.at(now)
    if asked.operation == "set":
        if asked.value is UNSET or asked.value is None:
            return None
        if current is None:
            return Credits(asked.value, None, now)
        return Credits(asked.value, current.refill, current.refilled_at)
    if asked.value is UNSET or asked.value is None:
        raise invalid("body.value", f"there is nothing to {asked.operation} by", "Give a number.")
    if current is None:
        raise invalid(
            "body.operation",
            f"the key's credits are unlimited: there is nothing to {asked.operation}",
            "Set them to a number first.",
        )
    by = asked.value if asked.operation == "increment" else -asked.value
    remaining = max(0, current.remaining + by)
    if remaining > MOST:
        raise invalid("body.value", f"the key would have more than {MOST} credits")
    return Credits(remaining, current.refill, current.refilled_at)


def _refill(asked: RefillRequest) -> Refill:
    day = None if asked.refill_day is UNSET else asked.refill_day
    at = f"{_AT}.refill.refillDay"
    if asked.interval == "daily" and day is not None:
        raise invalid(at, "a daily refill has no day", "Leave it out, or make it monthly.")
    if asked.interval == "monthly" and day is None:
        raise invalid(at, "a monthly refill needs a day", "Give a day from 1 to 31.")
    return Refill(asked.amount, day)


def _nothing_to_refill() -> InvalidRequest:
    return invalid(
        f"{_AT}.refill",
        "unlimited credits need no refill",
        "Give remaining as a number, or leave refill out.",
    )
