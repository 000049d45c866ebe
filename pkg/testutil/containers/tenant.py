"""Tenants: a test's own part of a shared server, made and removed through the server's own access
control. What a service's is, its module in `tenants/` says."""

import hashlib
import importlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from pkg.dockertest import Server, Service

R = TypeVar("R", bound=Server)

# Letters and digits: a name in every service. The owner's number, then one of the owner's choice.
NAME = "t([0-9a-f]{12})x[0-9a-f]+"


@dataclass(frozen=True)
class Taken(Generic[R]):
    """A tenant that was made ahead, and the result that its test gets."""

    name: str
    server: R


class Tenancy(ABC, Generic[R]):
    """How one shared server is parted. Not thread-safe: its users take turns.

    Attributes:
        whole: the result for the whole server, whose user may do everything.
        options: those of the service's `server_options` that a tenant can have for itself.
        refused: what the server's words for what a tenant may not do match; "" for none.
        instead: what a test does then, for its report.
    """

    service: ClassVar[str]
    options: ClassVar[tuple[str, ...]] = ()
    refused: ClassVar[str] = ""
    instead: ClassVar[str] = ""

    def __init__(self, whole: R) -> None:
        self.whole = whole

    @classmethod
    def environment(cls) -> dict[str, str]:
        """What a shared server's environment has beside that of a fresh one, the same at each call.

        A server that was started with another one is replaced.
        """
        return {}

    def take(self, service: Service[R]) -> "Taken[R] | None":
        """A tenant that was made ahead for what a test has asked; None if there is none."""
        return None

    @abstractmethod
    def open(self, name: str, service: Service[R]) -> R:
        """Makes a tenant and returns the result that its test gets.

        What the result is able to do must not reach beyond the tenant.

        Args:
            name: the tenant's; no other tenant's name, and no name of anything on the server.
            service: what the test has asked for.
        """

    @abstractmethod
    def drop(self, name: str) -> None:
        """Removes a tenant with all that it has made, and ends its connections.

        It may be interrupted at any point, and is called again then: `names` has the tenant until
        nothing is left of it.
        """

    @abstractmethod
    def names(self) -> Iterable[str]:
        """Everything on the server that may be a tenant's name; others are ignored."""

    def waiting(self) -> Set[str]:
        """The tenants that were made ahead and that nobody has taken: they have no owner."""
        return frozenset()

    @abstractmethod
    def stock(self) -> Mapping[str, Any]:
        """All that tests can leave on the server or change there, tenants' things aside.

        From a name that a reader understands ("key x", "user y", "setting z") to what changes with
        it, as cheap as can be: 10 ms at most on a server that holds little.
        """


def kind(service: Service[Any]) -> type[Tenancy[Any]] | None:
    """How a service's shared server is parted; None where it has no tenants."""
    try:
        module = importlib.import_module(f"pkg.testutil.containers.tenants.{service.service}")
    except ModuleNotFoundError as error:
        if error.name != f"pkg.testutil.containers.tenants.{service.service}":
            raise
        return None
    found: type[Tenancy[Any]] = module.TENANCY
    return found


def load(whole: Server, service: Service[Any]) -> Tenancy[Any] | None:
    """The tenancy of a service's shared server; None where the service has none."""
    parted = kind(service)
    return parted(whole) if parted else None


def name(owner: int, number: int) -> str:
    """The name of an owner's tenant."""
    return f"t{owner:012x}x{number:x}"


def owner(name: str) -> int | None:
    """The number of a tenant's owner; None where that is no tenant's name."""
    found = re.fullmatch(NAME, name)
    return int(found[1], 16) if found else None


def digest(text: str) -> str:
    """What changes with a text, for stock of what has secrets in it, which are nobody's to read."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
