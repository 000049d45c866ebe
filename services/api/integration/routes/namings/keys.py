"""What requests for keys name."""

from services.api.integration.routes.namings.naming import (
    API,
    KEY,
    KEYSPACE,
    PERMISSION,
    ROLE,
    SLUG,
    TEXT,
    Naming,
)
from services.api.wire import keys as wire
from services.api.wire.verification import VERIFY_KEY, VerifyKeyRequest

# A permission that is not there is made, by who may.
_MAY_NOT = 403

NAMINGS = (
    Naming(wire.CREATE_KEY, API, lambda _, name: wire.CreateKeyRequest(api_id=name)),
    Naming(
        wire.CREATE_KEY,
        ROLE,
        lambda room, name: wire.CreateKeyRequest(api_id=room.api.id, roles=[name]),
    ),
    Naming(
        wire.CREATE_KEY,
        SLUG,
        lambda room, name: wire.CreateKeyRequest(api_id=room.api.id, permissions=[name]),
        _MAY_NOT,
    ),
    Naming(wire.GET_KEY, KEY, lambda _, name: wire.GetKeyRequest(key_id=name, decrypt=True)),
    Naming(wire.UPDATE_KEY, KEY, lambda _, name: wire.UpdateKeyRequest(key_id=name, name="mine")),
    Naming(
        wire.UPDATE_KEY,
        ROLE,
        lambda room, name: wire.UpdateKeyRequest(key_id=room.key.id, roles=[name]),
    ),
    Naming(
        wire.UPDATE_KEY,
        SLUG,
        lambda room, name: wire.UpdateKeyRequest(key_id=room.key.id, permissions=[name]),
        _MAY_NOT,
    ),
    Naming(
        wire.DELETE_KEY, KEY, lambda _, name: wire.DeleteKeyRequest(key_id=name, permanent=True)
    ),
    Naming(
        VERIFY_KEY,
        TEXT,
        lambda _, name: VerifyKeyRequest(key=name),
        status=200,  # NOT_FOUND, as `valid` and `code` tell
    ),
    Naming(
        VERIFY_KEY,
        KEYSPACE,
        lambda room, name: VerifyKeyRequest(key=room.key.text, keyspaces=[name]),
        status=200,
    ),
    Naming(wire.WHOAMI, TEXT, lambda _, name: wire.WhoamiRequest(key=name)),
    Naming(
        wire.REROLL_KEY, KEY, lambda _, name: wire.RerollKeyRequest(key_id=name, expiration=None)
    ),
    Naming(
        wire.UPDATE_CREDITS,
        KEY,
        lambda _, name: wire.UpdateCreditsRequest(key_id=name, operation="set", value=1),
    ),
    Naming(
        wire.ADD_PERMISSIONS,
        KEY,
        lambda room, name: wire.AddPermissionsRequest(
            key_id=name, permissions=[room.permission.slug]
        ),
    ),
    Naming(
        wire.ADD_PERMISSIONS,
        SLUG,
        lambda room, name: wire.AddPermissionsRequest(key_id=room.key.id, permissions=[name]),
        _MAY_NOT,
    ),
    Naming(
        wire.REMOVE_PERMISSIONS,
        KEY,
        lambda room, name: wire.RemovePermissionsRequest(
            key_id=name, permissions=[room.permission.slug]
        ),
    ),
    *(
        Naming(
            wire.REMOVE_PERMISSIONS,
            kind,
            lambda room, name: wire.RemovePermissionsRequest(
                key_id=room.key.id, permissions=[name]
            ),
        )
        for kind in (PERMISSION, SLUG)
    ),
    Naming(
        wire.SET_PERMISSIONS,
        KEY,
        lambda _, name: wire.SetPermissionsRequest(key_id=name, permissions=[]),
    ),
    Naming(
        wire.SET_PERMISSIONS,
        SLUG,
        lambda room, name: wire.SetPermissionsRequest(key_id=room.key.id, permissions=[name]),
        _MAY_NOT,
    ),
)
