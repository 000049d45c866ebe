"""What requests for rate limits and overrides name."""

from services.api.integration.routes.namings.naming import NAME, NAMESPACE, PATTERN, Naming
from services.api.integration.routes.room import Room
from services.api.wire import ratelimit as wire

_MINUTE = 60_000


def _limit(name: str) -> wire.LimitRequest:
    return wire.LimitRequest(namespace=name, identifier="user_1", limit=1, duration=_MINUTE)


def _set(name: str) -> wire.SetOverrideRequest:
    return wire.SetOverrideRequest(namespace=name, identifier="vip_*", limit=9, duration=_MINUTE)


def _get(room: Room, name: str) -> wire.GetOverrideRequest:
    return wire.GetOverrideRequest(namespace=name, identifier=room.override.pattern)


def _delete(room: Room, name: str) -> wire.DeleteOverrideRequest:
    return wire.DeleteOverrideRequest(namespace=name, identifier=room.override.pattern)


_SPACES = (
    (wire.LIMIT, lambda _, name: _limit(name)),
    (wire.MULTI_LIMIT, lambda room, name: [_limit(room.namespace.name), _limit(name)]),
    (wire.SET_OVERRIDE, lambda _, name: _set(name)),
    (wire.GET_OVERRIDE, _get),
    (wire.LIST_OVERRIDES, lambda _, name: wire.ListOverridesRequest(namespace=name)),
    (wire.DELETE_OVERRIDE, _delete),
)

NAMINGS = (
    *(Naming(route, kind, body) for kind in (NAMESPACE, NAME) for route, body in _SPACES),
    Naming(
        wire.GET_OVERRIDE,
        PATTERN,
        lambda room, name: wire.GetOverrideRequest(namespace=room.namespace.name, identifier=name),
    ),
    Naming(
        wire.DELETE_OVERRIDE,
        PATTERN,
        lambda room, name: wire.DeleteOverrideRequest(
            namespace=room.namespace.name, identifier=name
        ),
    ),
)
