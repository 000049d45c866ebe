"""What a naming is, and the kinds of names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pkg import uid
from pkg.clock import SystemClock
from services.api.domain import secret
from services.api.integration.routes.room import Room
from services.api.wire.route import Route


@dataclass(frozen=True)
class Kind:
    """A kind of name.

    Attributes:
        of: the name of the thing of that kind in a room.
        nobodys: makes a name that nothing has, or ever had.
    """

    name: str
    of: Callable[[Room], str]
    nobodys: Callable[[], str]


@dataclass(frozen=True)
class Naming:
    """A place where a request names something.

    Attributes:
        body: of a request in the room, which succeeds if there is something of that name.
        status: of the answer if there is nothing.
    """

    route: Route
    kind: Kind
    body: Callable[[Room, str], Any]
    status: int = 404

    def __str__(self) -> str:
        return f"{self.route.name} {self.kind.name}"


def _id(prefix: str) -> Callable[[], str]:
    return lambda: uid.new(prefix, SystemClock())


def _word(prefix: str) -> Callable[[], str]:
    return lambda: secret.new(prefix, 16).text


API = Kind("API's id", lambda room: room.api.id, _id("api"))
KEYSPACE = Kind("key space's id", lambda room: room.api.keyspace_id, _id("ks"))
KEY = Kind("key's id", lambda room: room.key.id, _id("key"))
VERIFIED = Kind("verified key's id", lambda room: room.verified.id, _id("key"))
TEXT = Kind("key's text", lambda room: room.key.text, _word(""))
EXTERNAL_ID = Kind("identity", lambda room: room.identity.external_id, _word("user"))
ROLE = Kind("role's name", lambda room: room.role.name, _word("role"))
PERMISSION = Kind("permission's id", lambda room: room.permission.id, _id("perm"))
SLUG = Kind("permission's slug", lambda room: room.permission.slug, _word("permission"))
NAMESPACE = Kind("name space's id", lambda room: room.namespace.id, _id("rlns"))
NAME = Kind("name space's name", lambda room: room.namespace.name, _word("namespace"))
PATTERN = Kind("override's pattern", lambda room: room.override.pattern, _word("user"))
