"""What becomes of a key whose text is replaced."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.api.domain.key import Key, Ratelimit
from services.api.domain.secret import Secret


def expires_at(old: Key, grace: timedelta | None, now: datetime) -> datetime | None:
    """When the old one expires: after the grace, never later than it does anyway.

    Args:
        grace: nothing for at once; None to leave it as it is.
    """
    if grace is None:
        return old.expires_at
    end = now + grace
    return end if old.expires_at is None else min(old.expires_at, end)


def successor(
    old: Key, key_id: str, ratelimits: tuple[Ratelimit, ...], made: Secret, now: datetime
) -> Key:
    """The new key: all that the old one has, but its text, id and past.

    Args:
        old: with its credits as they are now.
        ratelimits: the old one's, under ids of their own.
    """
    return replace(
        old,
        id=key_id,
        start=made.start,
        created_at=now,
        updated_at=None,
        last_used_at=None,
        ratelimits=ratelimits,
    )
