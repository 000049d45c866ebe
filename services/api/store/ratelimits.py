"""Rate limits of keys and of identities."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, Insert, delete, func, insert, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import ScalarSelect

from services.api.domain.key import Ratelimit
from services.api.domain.times import duration, milliseconds
from services.api.store.tables import ratelimits

_Row = tuple[str, str, int, int, bool]


def set_ratelimits(connection: Connection, owner_id: str, limits: Sequence[Ratelimit]) -> None:
    """All rate limits of a key or an identity from now on. Two round trips, or one for none."""
    connection.execute(delete(ratelimits).where(ratelimits.c.owner_id == owner_id))
    insert_ratelimits(connection, owner_id, limits)


def insert_ratelimits(connection: Connection, owner_id: str, limits: Sequence[Ratelimit]) -> None:
    """Rate limits that a key or an identity gets. One round trip.

    Raises:
        DuplicateKey: it has one of that name, or an id is taken.
    """
    if limits:
        connection.execute(new_ratelimits(owner_id, limits))


def new_ratelimits(owner_id: str, limits: Sequence[Ratelimit]) -> Insert:
    """The statement that stores rate limits; at least one."""
    rows = [
        {
            "id": each.id,
            "owner_id": owner_id,
            "name": each.name,
            "units": each.limit,
            "duration": milliseconds(each.duration),
            "auto_apply": each.auto_apply,
        }
        for each in limits
    ]
    return insert(ratelimits).values(rows)


def of_owner(owner: ColumnElement[str]) -> ScalarSelect[str]:
    """For a query: the rate limits of an owner, as JSON; NULL for none. `read` reads it."""
    table = ratelimits.alias()
    each = func.json_array(
        table.c.id, table.c.name, table.c.units, table.c.duration, table.c.auto_apply
    )
    return (
        select(func.json_arrayagg(each))
        .select_from(table)
        .where(table.c.owner_id == owner)
        .scalar_subquery()
    )


def read(text: str | None) -> tuple[Ratelimit, ...]:
    """Rate limits, by name, as a query has found them."""
    rows = [] if text is None else msgspec.json.decode(text, type=list[_Row], strict=False)
    found = (Ratelimit(row[0], row[1], row[2], duration(row[3]), row[4]) for row in rows)
    return tuple(sorted(found, key=lambda each: each.name))
