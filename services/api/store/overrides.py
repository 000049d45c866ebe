"""Overrides: what takes the place of requests' limits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.mysql import insert

from services.api.domain.overrides import Override
from services.api.domain.times import duration, milliseconds
from services.api.store.tables import overrides


def set_override(
    connection: Connection, namespace_id: str, override: Override, now: datetime
) -> str:
    """Makes an override, or changes that of the same pattern; its id. Two round trips."""
    at = milliseconds(now)
    values = {"units": override.limit, "duration": milliseconds(override.duration)}
    made = insert(overrides).values(
        id=override.id,
        namespace_id=namespace_id,
        pattern=override.pattern,
        created_at=at,
        **values,
    )
    connection.execute(made.on_duplicate_key_update(updated_at=at, **values))
    query = select(overrides.c.id).where(
        overrides.c.namespace_id == namespace_id, overrides.c.pattern == override.pattern
    )
    return str(connection.execute(query).scalar_one())


def override_by_pattern(connection: Connection, namespace_id: str, pattern: str) -> Override | None:
    """A name space's override of that very pattern."""
    found = connection.execute(
        select(overrides).where(
            overrides.c.namespace_id == namespace_id, overrides.c.pattern == pattern
        )
    ).one_or_none()
    return None if found is None else _override(found)


def list_overrides(
    connection: Connection, namespace_id: str, *, limit: int | None = None, after: str = ""
) -> Sequence[Override]:
    """A name space's overrides, in the order of their ids.

    Args:
        limit: None for all.
        after: only those after this id.
    """
    query = select(overrides).where(
        overrides.c.namespace_id == namespace_id, overrides.c.id > after
    )
    found = connection.execute(query.order_by(overrides.c.id).limit(limit))
    return [_override(row) for row in found]


def delete_override(connection: Connection, namespace_id: str, pattern: str) -> bool:
    """Takes an override away; False if there is none."""
    done = connection.execute(
        delete(overrides).where(
            overrides.c.namespace_id == namespace_id, overrides.c.pattern == pattern
        )
    )
    return done.rowcount > 0


def _override(row: Row[Any]) -> Override:
    return Override(row.id, row.pattern, row.units, duration(row.duration))
