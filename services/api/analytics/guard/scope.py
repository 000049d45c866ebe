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
    """

    label: str
    identifier: str
    meaning: Meaning = Meaning.OTHER


class Scope:
    """The names of a SELECT.

    Args:
        columns: of what stands behind FROM.
        qualifiers: the names that this has.
        aliases: of the SELECT's own items.
    """

    def __init__(
        self, columns: Sequence[Column], qualifiers: Collection[str], aliases: Collection[str]
    ) -> None:
        self.columns = columns
        self._by_label = {column.label: column for column in columns}
        self._qualifiers = qualifiers
        self._aliases = aliases
        self._arguments: list[str] = []

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
        if name.table and name.table not in self._qualifiers:
            raise NotTaken(
                f"{name.table[:64]} stands before a dot", "name the table that is asked, or nothing"
            )
        found = self._by_label.get(name.name)
        if found is None:
            raise NotTaken(
                f"there is no column {name.name[:64]}", f"those are: {', '.join(self._by_label)}"
            )
        return found
