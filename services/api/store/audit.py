"""The audit log: who has done what to what."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Insert, insert, select

from services.api.domain.stored import Change
from services.api.domain.times import milliseconds, moment
from services.api.store.tables import changes


def insert_changes(connection: Connection, made: Sequence[Change]) -> None:
    """Notes changes, in the transaction that makes them: both are there, or none is.

    One round trip.
    """
    if made:
        connection.execute(new_changes(made))


def new_changes(made: Sequence[Change]) -> Insert:
    """The statement that notes changes; at least one."""
    rows = [
        {
            "id": each.id,
            "workspace_id": each.workspace_id,
            "actor_id": each.actor_id,
            "event": each.event,
            "target_id": each.target_id,
            "at": milliseconds(each.at),
            "request_id": each.request_id,
            "details": msgspec.json.encode(each.details).decode(),
        }
        for each in made
    ]
    return insert(changes).values(rows)


def list_changes(
    connection: Connection,
    workspace_id: str,
    *,
    limit: int,
    after: str = "",
    target_id: str | None = None,
) -> Sequence[Change]:
    """A workspace's changes, in the order of their ids.

    Args:
        after: only those after this id.
        target_id: only those of that thing.
    """
    query = select(changes).where(changes.c.workspace_id == workspace_id, changes.c.id > after)
    if target_id is not None:
        query = query.where(changes.c.target_id == target_id)
    found = connection.execute(query.order_by(changes.c.id).limit(limit))
    return [
        Change(
            row.id,
            row.workspace_id,
            row.actor_id,
            row.event,
            row.target_id,
            moment(row.at),
            row.request_id,
            msgspec.json.decode(row.details, type=dict[str, Any]),
        )
        for row in found
    ]
