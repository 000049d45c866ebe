"""The tables that a query may ask: views of the one that there is, each a workspace's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from services.api.analytics.guard.errors import NotTaken
from services.api.analytics.table import VERIFICATIONS

# The table's columns by which verifications are kept from who must not see them, or left out.
FILTERED = frozenset({"workspace_id", "api_id", "at"})


class Meaning(Enum):
    """What a value is, as far as it matters for comparing it."""

    MILLISECONDS = auto()  # since 1970
    MOMENT = auto()  # a date, or a date and a time
    OTHER = auto()


@dataclass(frozen=True)
class View:
    """A table, as callers know it.

    Attributes:
        columns: what each is, by the caller's name for it, in their order.
        group: expressions by which verifications are counted together; none where each is a row.
    """

    columns: Mapping[str, str]
    group: Sequence[str] = ()

    @property
    def is_raw(self) -> bool:
        """Whether each verification is a row."""
        return not self.group

    def meaning(self, column: str) -> Meaning:
        """What a column's values are."""
        if column != "time":
            return Meaning.OTHER
        return Meaning.MILLISECONDS if self.is_raw else Meaning.MOMENT

    def sql(self, conditions: Sequence[str]) -> str:
        """A SELECT of its rows, of verifications for which all conditions hold."""
        columns = ", ".join(
            name if sql == name else f"{sql} AS {name}" for name, sql in self.columns.items()
        )
        group = f" GROUP BY {', '.join(self.group)}" if self.group else ""
        return f"SELECT {columns} FROM {VERIFICATIONS.once} WHERE {' AND '.join(conditions)}{group}"


_SAME = {
    "workspace_id": "workspace_id",
    "api_id": "api_id",
    "key_space_id": "keyspace_id",
    "external_id": "external_id",
    "key_id": "key_id",
    "outcome": "outcome",
    "tags": "tags",
}
_MOMENT = "toDateTime(intDiv(at, 1000), 'UTC')"


def _counted(bucket: str) -> View:
    """Verifications that differ in nothing but their times within the bucket are a row."""
    columns = {"time": bucket, **_SAME, "count": "count()", "spent_credits": "sum(cost)"}
    return View(columns, [bucket, *_SAME.values()])


VIEWS: Mapping[str, View] = {
    "key_verifications_v1": View(
        {"request_id": "request_id", "time": "at", **_SAME, "spent_credits": "cost"}
    ),
    "key_verifications_per_minute_v1": _counted(f"toStartOfMinute({_MOMENT})"),
    "key_verifications_per_hour_v1": _counted(f"toStartOfHour({_MOMENT})"),
    "key_verifications_per_day_v1": _counted(f"toDate({_MOMENT})"),
    "key_verifications_per_month_v1": _counted(f"toStartOfMonth({_MOMENT})"),
}


def view(name: str) -> View:
    """The table of that name.

    Raises:
        NotTaken: there is none.
    """
    found = VIEWS.get(name)
    if found is None:
        raise NotTaken(f"there is no table {name[:64]}", f"those are: {', '.join(VIEWS)}")
    return found
