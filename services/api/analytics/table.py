"""The table of verifications, in which each one counts once."""

import msgspec

from pkg.analytics import Table
from services.api.events import Verified


class VerificationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A verification, as ClickHouse has it.

    Attributes:
        id: of the event.
        at: milliseconds since 1970.
        cost: credits that were spent.
    """

    id: str
    at: int
    request_id: str
    workspace_id: str
    api_id: str
    keyspace_id: str
    key_id: str
    external_id: str
    outcome: str
    cost: int
    tags: list[str]


# The name has the version: what could not be added to a table that is there is another table.
VERIFICATIONS = Table(
    "verifications_v1",
    VerificationRow,
    order=("workspace_id", "at"),
    partition="toYYYYMM(toDateTime(intDiv(at, 1000), 'UTC'))",
)


def row(event: Verified) -> VerificationRow:
    """An event's row: the same for the same event."""
    return VerificationRow(
        id=event.id,
        at=event.time,
        request_id=event.request_id,
        workspace_id=event.workspace_id,
        api_id=event.api_id,
        keyspace_id=event.keyspace_id,
        key_id=event.key_id,
        external_id=event.external_id,
        outcome=event.outcome,
        cost=event.cost,
        tags=list(event.tags),
    )
