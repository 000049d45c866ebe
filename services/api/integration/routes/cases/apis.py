"""Requests for APIs."""

from services.api.domain.rights import Right
from services.api.integration.routes.cases.case import Need, api, case
from services.api.wire import apis as wire

CASES = (
    case(
        wire.CREATE_API,
        lambda room: wire.CreateApiRequest(name="payments"),
        Need(Right.CREATE_API),
    ),
    case(
        wire.GET_API,
        lambda room: wire.GetApiRequest(api_id=room.api.id),
        api(Right.READ_API),
    ),
    case(
        wire.DELETE_API,
        lambda room: wire.DeleteApiRequest(api_id=room.api.id),
        api(Right.DELETE_API),
    ),
    case(
        wire.LIST_KEYS,
        lambda room: wire.ListKeysRequest(api_id=room.key.key.api_id),
        api(Right.READ_API),
        api(Right.READ_KEY),
    ),
    case(
        wire.LIST_KEYS,
        lambda room: wire.ListKeysRequest(api_id=room.key.key.api_id, decrypt=True),
        api(Right.READ_API),
        api(Right.READ_KEY),
        api(Right.DECRYPT_KEY),
        what="with texts",
    ),
)
