"""Credits: spent exactly, however many spend at the same time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, func, select, update
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.sql.elements import ColumnElement

from services.api.domain.credits import Credits, Refill
from services.api.domain.times import milliseconds, moment
from services.api.store.tables import credits, keys

_DAY_MS = timedelta(days=1) // timedelta(milliseconds=1)


@dataclass(frozen=True)
class Spent:
    """What became of credits that should be spent.

    Attributes:
        done: whether they are spent.
        left: how many are left; None if they are unlimited.
    """

    done: bool
    left: int | None


def set_credits(connection: Connection, key_id: str, to: Credits | None) -> None:
    """A key's credits from now on; None for as many as one likes."""
    if to is None:
        connection.execute(delete(credits).where(credits.c.key_id == key_id))
        return
    values = row(to)
    statement = insert(credits).values(key_id=key_id, **values)
    connection.execute(statement.on_duplicate_key_update(**values))


def credits_for_update(connection: Connection, key_id: str) -> Credits | None:
    """A key's credits, which nobody else changes until the end of the transaction."""
    found = connection.execute(
        select(credits).where(credits.c.key_id == key_id).with_for_update()
    ).one_or_none()
    if found is None:
        return None
    return of(found.remaining, found.refill_amount, found.refill_day, found.refilled_at)


def spend_credits(connection: Connection, key_id: str, cost: int, now: datetime) -> Spent:
    """Spends credits if there are enough; refilled first, if a refill is due.

    One statement, so that it is exact without a transaction: one round trip if they are spent, two
    if not.
    """
    due = _due(now)
    is_due = credits.c.refill_amount.is_not(None) & (due > credits.c.refilled_at)
    filled = case(
        (is_due, func.greatest(credits.c.remaining, credits.c.refill_amount)),
        else_=credits.c.remaining,
    )
    done = connection.execute(
        update(credits)
        .where(credits.c.key_id == key_id, filled >= cost)
        # MySQL sets them in this order, and a later one sees what an earlier one has set.
        .ordered_values(
            # The server tells the value of LAST_INSERT_ID(…) with its answer.
            (credits.c.remaining, func.last_insert_id(filled - cost)),
            (credits.c.refilled_at, case((is_due, due), else_=credits.c.refilled_at)),
        )
    )
    if done.rowcount:
        return Spent(True, int(done.lastrowid))
    found = connection.execute(
        select(filled.label("left"))
        .select_from(keys)
        .outerjoin(credits, credits.c.key_id == keys.c.id)
        .where(keys.c.id == key_id)
    ).one_or_none()
    if found is None:  # removed since the caller has read it, with its credits
        return Spent(False, 0)
    return Spent(True, None) if found.left is None else Spent(False, int(found.left))


def row(of: Credits) -> dict[str, int | None]:
    """A row of the table, without its key."""
    return {
        "remaining": of.remaining,
        "refill_amount": of.refill.amount if of.refill else None,
        "refill_day": of.refill.day if of.refill else None,
        "refilled_at": milliseconds(of.refilled_at),
    }


def of(
    remaining: int, refill_amount: int | None, refill_day: int | None, refilled_at: int
) -> Credits:
    """What a row of the table says."""
    refill = None if refill_amount is None else Refill(refill_amount, refill_day)
    return Credits(remaining, refill, moment(refilled_at))


def _due(now: datetime) -> ColumnElement[int]:
    """When a row's last refill was due: as `domain.credits.due_before`, in SQL."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    this_month = midnight.replace(day=1)
    last_day = this_month - timedelta(days=1)
    last_month = last_day.replace(day=1)
    next_month = (this_month + timedelta(days=32)).replace(day=1)
    days = (next_month - this_month).days
    day = func.least(credits.c.refill_day, days)
    before = func.least(credits.c.refill_day, last_day.day)
    return case(
        (credits.c.refill_day.is_(None), milliseconds(midnight)),
        (day <= midnight.day, milliseconds(this_month) + (day - 1) * _DAY_MS),
        else_=milliseconds(last_month) + (before - 1) * _DAY_MS,
    )
