"""What names mean in a SELECT."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from services.api.analytics.guard.errors import NotTaken
from services.api.analytics.guard.nodes import Name
from services.api.analytics.guard.tables import Meaning


@dataclass(frozen=True)
class Column:
    """A column of a table or a subquery.

    Attributes:
        label: as the caller names it.
        identifier: as ClickHouse is asked for it, without quotes.
        table: by which it may be qualified; "" if it can't be.
    """

    label: str
    identifier: str
    meaning: Meaning = Meaning.OTHER
    table: str = ""


class Scope:
    """The names of a SELECT.

    Args:
        columns: of what stands behind FROM.
        aliases: of the SELECT's own items.
        joined: whether the columns have identifiers of ours, so that no table is named.
    """

    def __init__(
        self, columns: Sequence[Column], aliases: Collection[str] = (), *, joined: bool = False
    ) -> None:
        self.columns = columns
        self._aliases = aliases
        self._joined = joined
        self._arguments: list[str] = []

    def qualifier(self, name: Name) -> str:
        """What stands before a name's column; "" for nothing."""
        return "" if self._joined else name.table

    @contextmanager
    def arguments(self, names: Sequence[str]) -> Iterator[None]:
        """Within the block, a lambda's arguments are names, too."""
        self._arguments += names
        yield
        del self._arguments[len(self._arguments) - len(names) :]

    def column(self, name: Name) -> Column | None:
        """The column that a name means; None if it is an alias or a lambda's argument.

        Raises:
            NotTaken: it is none of these.
        """
        if not name.table and (name.name in self._arguments or name.name in self._aliases):
            return None
        if name.table and all(name.table != column.table for column in self.columns):
            raise NotTaken(
                f"{name.table[:64]} stands before a dot", "name the table that is asked, or nothing"
            )
        found = self._all(name)
        if not found:
            labels = dict.fromkeys(column.label for column in self.columns)
            raise NotTaken(
                f"there is no column {name.name[:64]}", f"those are: {', '.join(labels)}"
            )
        if len({column.identifier for column in found}) > 1:
            raise NotTaken(
                f"several tables have a column {name.name[:64]}", "name the table before it"
            )
        return found[-1]

    def has(self, name: Name) -> bool:
        """Whether there is a column of that name."""
        return bool(self._all(name))

    def _all(self, name: Name) -> list[Column]:
        return [
            column
            for column in self.columns
            if column.label == name.name and name.table in ("", column.table)
        ]
