"""What a case is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.api.domain.rights import Right
from services.api.integration.routes.room import Room
from services.api.wire.route import Route


@dataclass(frozen=True)
class Need:
    """A right that a request needs.

    Attributes:
        thing: the id of what it may be restricted to; None if it can't be.
        lacking: the status for who lacks it.
        elsewhere: the status for who has it for another thing of that kind.
    """

    right: Right
    thing: Callable[[Room], str] | None = None
    lacking: int = 403
    elsewhere: int = 403


@dataclass(frozen=True)
class Case:
    """A request that succeeds.

    Attributes:
        body: of the request, in that room.
        needs: all rights that it needs.
        what: sets it apart from others of its route.
    """

    route: Route
    body: Callable[[Room], Any]
    needs: tuple[Need, ...]
    what: str

    def __str__(self) -> str:
        return f"{self.route.name} {self.what}".rstrip()


def case(route: Route, body: Callable[[Room], Any], *needs: Need, what: str = "") -> Case:
    """A case."""
    return Case(route, body, needs, what)


def api(right: Right, *, lacking: int = 403, elsewhere: int = 403) -> Need:
    """A right that may be restricted to an API."""
    return Need(right, lambda room: room.api.id, lacking, elsewhere)


def namespace(right: Right) -> Need:
    """A right that may be restricted to a name space."""
    return Need(right, lambda room: room.namespace.id)
