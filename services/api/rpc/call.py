"""Who asks, and how an operation is made from what it needs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pkg.rbac import Query
from services.api.domain import rights
from services.api.domain.stored import RootKey
from services.api.domain.verification import Caller
from services.api.wire.route import Route


@dataclass(frozen=True)
class Call:
    """A request whose root key is known.

    Attributes:
        request_id: names the request in logs, audit rows and events.
    """

    root_key: RootKey
    request_id: str

    @property
    def workspace_id(self) -> str:
        """Whose things there are for it."""
        return self.root_key.workspace_id

    @property
    def caller(self) -> Caller:
        """Who asks, for verifications."""
        return Caller(self.workspace_id, self.root_key.permissions)

    def require(self, *needed: Query) -> None:
        """Lets only those through who may.

        Raises:
            Fault: the root key lacks a permission.
        """
        rights.require(self.root_key.permissions, *needed)

    def may(self, needed: Query) -> bool:
        """Whether the root key has a permission."""
        return needed.allows(self.root_key.permissions)


@dataclass(frozen=True)
class Operation[Q, A]:
    """What is done at a route.

    Attributes:
        route: where.
        request: the type of the body.
        run: does it, in a thread; its docstring is for the OpenAPI document.
        quick: what `run` gives, or None where that would wait, and then nothing was done. Never
            waits: it is called on the event loop, for short bodies.
    """

    route: Route
    request: type[Q]
    run: Callable[[Call, Q], A]
    quick: Callable[[Call, Q], A | None] | None = None


@dataclass(frozen=True)
class Listed[T]:
    """A page of a list, as an operation returns it.

    Attributes:
        cursor: where the next page begins; None if this is the last.
    """

    items: Sequence[T]
    cursor: str | None = None
