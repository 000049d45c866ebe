"""Requests for keys."""

from services.api.domain.rights import Right
from services.api.integration.routes.cases.case import Need, api, case
from services.api.wire import keys as wire
from services.api.wire.verification import VERIFY_KEY, VerifyKeyRequest

_NEW = Need(Right.CREATE_PERMISSION)

CASES = (
    case(
        wire.CREATE_KEY,
        lambda room: wire.CreateKeyRequest(api_id=room.api.id, permissions=[room.permission.slug]),
        api(Right.CREATE_KEY),
    ),
    case(
        wire.CREATE_KEY,
        lambda room: wire.CreateKeyRequest(api_id=room.api.id, recoverable=True),
        api(Right.CREATE_KEY),
        api(Right.ENCRYPT_KEY),
        what="that may be shown again",
    ),
    case(
        wire.CREATE_KEY,
        lambda room: wire.CreateKeyRequest(api_id=room.api.id, permissions=["new"]),
        api(Right.CREATE_KEY),
        _NEW,
        what="with a new permission",
    ),
    case(
        wire.GET_KEY,
        lambda room: wire.GetKeyRequest(key_id=room.key.id),
        api(Right.READ_KEY),
    ),
    case(
        wire.GET_KEY,
        lambda room: wire.GetKeyRequest(key_id=room.key.id, decrypt=True),
        api(Right.READ_KEY),
        api(Right.DECRYPT_KEY),
        what="with its text",
    ),
    case(
        wire.UPDATE_KEY,
        lambda room: wire.UpdateKeyRequest(key_id=room.key.id, permissions=[room.permission.slug]),
        api(Right.UPDATE_KEY),
    ),
    case(
        wire.UPDATE_KEY,
        lambda room: wire.UpdateKeyRequest(key_id=room.key.id, permissions=["new"]),
        api(Right.UPDATE_KEY),
        _NEW,
        what="with a new permission",
    ),
    case(
        wire.DELETE_KEY,
        lambda room: wire.DeleteKeyRequest(key_id=room.key.id),
        api(Right.DELETE_KEY),
    ),
    case(
        VERIFY_KEY,
        lambda room: VerifyKeyRequest(key=room.key.text),
        # Who may verify other keys alone is told that it is not found.
        api(Right.VERIFY_KEY, elsewhere=200),
    ),
    case(
        wire.WHOAMI,
        lambda room: wire.WhoamiRequest(key=room.key.text),
        # Who may not read the key does not learn that there is one.
        api(Right.READ_KEY, lacking=404, elsewhere=404),
    ),
    case(
        wire.REROLL_KEY,
        lambda room: wire.RerollKeyRequest(key_id=room.plain_key.id, expiration=0),
        api(Right.CREATE_KEY),
    ),
    case(
        wire.REROLL_KEY,
        lambda room: wire.RerollKeyRequest(key_id=room.key.id, expiration=0),
        api(Right.CREATE_KEY),
        api(Right.ENCRYPT_KEY),
        what="that may be shown again",
    ),
    case(
        wire.UPDATE_CREDITS,
        lambda room: wire.UpdateCreditsRequest(key_id=room.key.id, operation="set", value=1),
        api(Right.UPDATE_KEY),
    ),
    case(
        wire.ADD_PERMISSIONS,
        lambda room: wire.AddPermissionsRequest(
            key_id=room.plain_key.id, permissions=[room.permission.slug]
        ),
        api(Right.UPDATE_KEY),
    ),
    case(
        wire.ADD_PERMISSIONS,
        lambda room: wire.AddPermissionsRequest(key_id=room.key.id, permissions=["new"]),
        api(Right.UPDATE_KEY),
        _NEW,
        what="a new one",
    ),
    case(
        wire.REMOVE_PERMISSIONS,
        lambda room: wire.RemovePermissionsRequest(
            key_id=room.key.id, permissions=[room.permission.slug]
        ),
        api(Right.UPDATE_KEY),
    ),
    case(
        wire.SET_PERMISSIONS,
        lambda room: wire.SetPermissionsRequest(
            key_id=room.plain_key.id, permissions=[room.permission.slug]
        ),
        api(Right.UPDATE_KEY),
    ),
    case(
        wire.SET_PERMISSIONS,
        lambda room: wire.SetPermissionsRequest(key_id=room.key.id, permissions=["new"]),
        api(Right.UPDATE_KEY),
        _NEW,
        what="a new one",
    ),
)
