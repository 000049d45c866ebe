"""What requests for APIs name."""

from services.api.integration.routes.namings.naming import API, EXTERNAL_ID, Naming
from services.api.wire import apis as wire

NAMINGS = (
    Naming(wire.GET_API, API, lambda _, name: wire.GetApiRequest(api_id=name)),
    Naming(wire.DELETE_API, API, lambda _, name: wire.DeleteApiRequest(api_id=name)),
    Naming(wire.LIST_KEYS, API, lambda _, name: wire.ListKeysRequest(api_id=name)),
    Naming(
        wire.LIST_KEYS,
        EXTERNAL_ID,
        lambda room, name: wire.ListKeysRequest(api_id=room.key.key.api_id, external_id=name),
        status=200,  # an empty list
    ),
)
