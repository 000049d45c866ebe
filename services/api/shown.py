"""Stored things as answers show them."""

from collections.abc import Iterable

from services.api.domain import key as domain
from services.api.domain.credits import Credits
from services.api.domain.stored import Permission
from services.api.domain.times import milliseconds
from services.api.wire import common, keys


def ratelimits(stored: Iterable[domain.Ratelimit]) -> list[common.Ratelimit] | None:
    """Rate limits; None if there are none."""
    return [
        common.Ratelimit(
            id=each.id,
            name=each.name,
            limit=each.limit,
            duration=milliseconds(each.duration),
            auto_apply=each.auto_apply,
        )
        for each in stored
    ] or None


def identity(stored: domain.Identity | None) -> common.Identity | None:
    """An identity, if there is one."""
    if stored is None:
        return None
    return common.Identity(
        id=stored.id,
        external_id=stored.external_id,
        meta=None if stored.meta is None else dict(stored.meta),
        ratelimits=ratelimits(stored.ratelimits),
    )


def credits(stored: Credits | None) -> keys.Credits | None:
    """Credits as they were stored; None if they are unlimited."""
    if stored is None:
        return None
    refill = stored.refill
    return keys.Credits(
        remaining=stored.remaining,
        refill=None
        if refill is None
        else keys.Refill(
            interval=refill.interval.value, amount=refill.amount, refill_day=refill.day
        ),
    )


def permission(stored: Permission) -> common.Permission:
    """A permission."""
    return common.Permission(
        id=stored.id, name=stored.name, slug=stored.slug, description=stored.description
    )


def key(stored: domain.Key, plaintext: str | None = None) -> keys.Key:
    """A key, with its text if that may be shown."""
    return keys.Key(
        key_id=stored.id,
        start=stored.start,
        enabled=stored.enabled,
        created_at=milliseconds(stored.created_at),
        name=stored.name,
        meta=None if stored.meta is None else dict(stored.meta),
        updated_at=None if stored.updated_at is None else milliseconds(stored.updated_at),
        last_used_at=None if stored.last_used_at is None else milliseconds(stored.last_used_at),
        expires=None if stored.expires_at is None else milliseconds(stored.expires_at),
        permissions=sorted(stored.permissions) or None,
        roles=list(stored.roles) or None,
        credits=credits(stored.credits),
        identity=identity(stored.identity),
        plaintext=plaintext,
        ratelimits=ratelimits(stored.ratelimits),
    )
