"""Callers' queries, answered."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pkg.analytics import Client, Refused
from pkg.clock import Clock
from services.api.analytics.guard import guarded

# ClickHouse's numbers of its errors: what goes beyond a limit, and what is not the query's fault:
# no such table, or settings, users and passwords that are not as they must be.
_TOO_MUCH = {158, 159, 160, 161, 162, 167, 168, 191, 241, 290, 306, 307, 396}
_OURS = {60, 81, 115, 164, 192, 193, 194, 291, 452, 497, 516}
# A query takes a thread of the service: the others are left to what is quick.
_MOST_AT_ONCE = 2
_MARGIN_SECONDS = 1.5


class TooMuch(Exception):
    """A query goes beyond a limit; the text is ClickHouse's."""


class NotUnderstood(Exception):
    """ClickHouse does not take a query, such as for the types in it; the text is its own."""


class Busy(Exception):
    """Too many queries are being answered."""


@dataclass(frozen=True, kw_only=True)
class QueryLimits:
    """What a query may take.

    Attributes:
        seconds: whole ones; less than callers wait, those of the SDK 5.
        rows_read: of all verifications, before they are grouped.
        rows: of the answer.
        bytes: of the answer, as ClickHouse has it.
        memory: of ClickHouse's, in bytes.
    """

    seconds: int = 3
    rows_read: int = 50_000_000
    rows: int = 10_000
    bytes: int = 16 << 20
    memory: int = 500_000_000

    @property
    def settings(self) -> Mapping[str, int]:
        """For ClickHouse; with them nothing can be changed there."""
        return {
            "max_execution_time": self.seconds,
            "max_rows_to_read": self.rows_read,
            "max_result_rows": self.rows,
            "max_result_bytes": self.bytes,
            "max_memory_usage": self.memory,
            # The first versions that have it make mistakes; the guard puts down bounds itself.
            "enable_optimize_predicate_expression": 0,
            # Not 1, which the same setting of the user's profile would not let be set.
            "readonly": 2,
        }


def connected(url: str, *, clock: Clock, limits: QueryLimits | None = None) -> Client:
    """A client for callers' queries, which can't change anything.

    Args:
        url: as `pkg.analytics.Client` takes it.

    Raises:
        ValueError: the url is none.
    """
    limits = limits or QueryLimits()
    return Client(
        url, clock=clock, deadline=limits.seconds + _MARGIN_SECONDS, settings=limits.settings
    )


class Verifications:
    """Answers callers' queries. Usable from several threads.

    Args:
        client: one that was made by `connected`.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._free = threading.BoundedSemaphore(_MOST_AT_ONCE)

    def query(
        self, query: str, workspace_id: str, apis: Collection[str] | None = None
    ) -> list[dict[str, Any]]:
        """The rows of a SELECT, by the names of its columns.

        Args:
            workspace_id: whose verifications there are for it.
            apis: the ids of the APIs whose verifications there are; None for all.

        Raises:
            NotTaken: the guard refuses it.
            NotUnderstood: ClickHouse does.
            TooMuch: it goes beyond a limit.
            Busy: too many are being answered.
            pkg.analytics.AnalyticsError: ClickHouse does not serve, or has no such table.
        """
        statement = guarded(query, workspace_id, apis)
        if not self._free.acquire(blocking=False):
            raise Busy
        try:
            rows = self._client.execute(statement.sql, statement.parameters)
        except Refused as refused:
            raise _told(refused) from refused
        except KeyError as unknown:
            # The client's: it has to know the zones of the times that it reads, and knows fewer.
            raise NotUnderstood("its answer has times of a zone that is not known") from unknown
        finally:
            self._free.release()
        return [dict(zip(statement.labels, row, strict=True)) for row in rows]


def _told(refused: Refused) -> Exception:
    if refused.code in _OURS:
        return refused
    _, _, said = str(refused).partition("DB::Exception: ")
    return (TooMuch if refused.code in _TOO_MUCH else NotUnderstood)(said or str(refused))
