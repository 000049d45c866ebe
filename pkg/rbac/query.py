"""Queries over permissions: one, all of several, or any of several."""

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass

from pkg.rbac.permission import checked, covers


class Query(ABC):
    """What one must hold. Its text, by str(), parses to an equal query."""

    @abstractmethod
    def allows(self, held: Collection[str]) -> bool:
        """Whether these permissions are enough."""

    @abstractmethod
    def missing(self, held: Collection[str]) -> "Query | None":
        """What is to be added to these permissions, as a query; None if they are enough."""


@dataclass(frozen=True)
class Permission(Query):
    """One permission.

    Raises:
        InvalidPermission: that is none.
    """

    name: str

    def __post_init__(self) -> None:
        checked(self.name)

    def allows(self, held: Collection[str]) -> bool:
        return self.name in held or any(covers(each, self.name) for each in held)

    def missing(self, held: Collection[str]) -> Query | None:
        return None if self.allows(held) else self

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class All(Query):
    """All of several."""

    parts: tuple[Query, ...]

    def allows(self, held: Collection[str]) -> bool:
        return all(part.allows(held) for part in self.parts)

    def missing(self, held: Collection[str]) -> Query | None:
        left = [part for each in self.parts if (part := each.missing(held)) is not None]
        return all_of(*left) if left else None

    def __str__(self) -> str:
        return " and ".join(
            f"({part})" if isinstance(part, Any) else f"{part}" for part in self.parts
        )


@dataclass(frozen=True)
class Any(Query):
    """Any of several."""

    parts: tuple[Query, ...]

    def allows(self, held: Collection[str]) -> bool:
        return any(part.allows(held) for part in self.parts)

    def missing(self, held: Collection[str]) -> Query | None:
        left = []
        for each in self.parts:
            part = each.missing(held)
            if part is None:
                return None
            left.append(part)
        return any_of(*left)

    def __str__(self) -> str:
        return " or ".join(map(str, self.parts))


def permission(name: str) -> Query:
    """One permission.

    Raises:
        InvalidPermission: that is none.
    """
    return Permission(name)


def all_of(*parts: str | Query) -> Query:
    """All of these; of one, itself.

    Raises:
        InvalidPermission: a text is no permission.
        ValueError: there are none: nobody shall be let in by mistake.
    """
    found = _queries(All, parts)
    return found[0] if len(found) == 1 else All(found)


def any_of(*parts: str | Query) -> Query:
    """Any of these; of one, itself.

    Raises:
        InvalidPermission: a text is no permission.
        ValueError: there are none.
    """
    found = _queries(Any, parts)
    return found[0] if len(found) == 1 else Any(found)


def _queries(kind: type[All] | type[Any], parts: tuple[str | Query, ...]) -> tuple[Query, ...]:
    if not parts:
        raise ValueError("rbac: a query of nothing: name at least one permission")
    found: list[Query] = []
    for part in parts:
        query = Permission(part) if isinstance(part, str) else part
        # One in another of its own kind says the same without it.
        found += query.parts if isinstance(query, kind) else (query,)
    return tuple(found)
