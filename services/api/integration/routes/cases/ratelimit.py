"""Requests for rate limits, and for overrides."""

from services.api.domain.rights import Right
from services.api.integration.routes.cases.case import Need, case, namespace
from services.api.wire import ratelimit as wire

_MINUTE = 60_000
# Who may not make a name space is told that it is not there.
_NEW = Need(Right.CREATE_NAMESPACE, lacking=404)


def _limit(name: str) -> wire.LimitRequest:
    return wire.LimitRequest(namespace=name, identifier="user_1", limit=1, duration=_MINUTE)


CASES = (
    case(wire.LIMIT, lambda room: _limit(room.namespace.name), namespace(Right.LIMIT)),
    case(
        wire.LIMIT,
        lambda room: _limit("new"),
        Need(Right.LIMIT),
        _NEW,
        what="in a new name space",
    ),
    case(
        wire.MULTI_LIMIT,
        lambda room: [_limit(room.namespace.name)] * 2,
        namespace(Right.LIMIT),
    ),
    case(
        wire.MULTI_LIMIT,
        lambda room: [_limit(room.namespace.name), _limit("new")],
        Need(Right.LIMIT),
        _NEW,
        what="in a new name space",
    ),
    case(
        wire.SET_OVERRIDE,
        lambda room: wire.SetOverrideRequest(
            namespace=room.namespace.name, identifier="vip_*", limit=9, duration=_MINUTE
        ),
        namespace(Right.SET_OVERRIDE),
    ),
    case(
        wire.GET_OVERRIDE,
        lambda room: wire.GetOverrideRequest(
            namespace=room.namespace.name, identifier=room.override.pattern
        ),
        namespace(Right.READ_OVERRIDE),
    ),
    case(
        wire.LIST_OVERRIDES,
        lambda room: wire.ListOverridesRequest(namespace=room.namespace.name),
        namespace(Right.READ_OVERRIDE),
    ),
    case(
        wire.DELETE_OVERRIDE,
        lambda room: wire.DeleteOverrideRequest(
            namespace=room.namespace.name, identifier=room.override.pattern
        ),
        namespace(Right.DELETE_OVERRIDE),
    ),
)
