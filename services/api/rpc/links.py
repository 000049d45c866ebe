"""What of an answer goes into which requests: for the OpenAPI document, and who tests by it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.api.wire import apis, keys, permissions, verification
from services.api.wire.route import Route


@dataclass(frozen=True)
class Link:
    """Where an answer's value is asked for.

    Attributes:
        value: its name in the answer's data.
        into: the field of the requests that takes it.
        routes: whose requests.
    """

    value: str
    into: str
    routes: Sequence[Route]


_OF_A_KEY = (
    Link(
        "keyId",
        "keyId",
        (
            keys.GET_KEY,
            keys.UPDATE_KEY,
            keys.UPDATE_CREDITS,
            keys.ADD_PERMISSIONS,
            keys.SET_PERMISSIONS,
            keys.REROLL_KEY,
            keys.DELETE_KEY,
        ),
    ),
    Link("key", "key", (verification.VERIFY_KEY, keys.WHOAMI)),
)
# By the name of the route that answers.
LINKS: Mapping[str, Sequence[Link]] = {
    apis.CREATE_API.name: (
        Link("apiId", "apiId", (keys.CREATE_KEY, apis.GET_API, apis.LIST_KEYS, apis.DELETE_API)),
    ),
    keys.CREATE_KEY.name: _OF_A_KEY,
    keys.REROLL_KEY.name: _OF_A_KEY,
    permissions.CREATE_PERMISSION.name: (
        Link(
            "permissionId",
            "permission",
            (permissions.GET_PERMISSION, permissions.DELETE_PERMISSION),
        ),
    ),
}


def links(route: Route) -> dict[str, Any]:
    """A success's links, as OpenAPI has them, by the name of the route that they lead to."""
    return {
        target.name: {
            "operationId": target.name,
            "requestBody": {each.into: f"$response.body#/data/{each.value}"},
        }
        for each in LINKS.get(route.name, ())
        for target in each.routes
    }
