"""All operations: one for each route, on what they need."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pkg.clock import Clock
from services.api.analytics.verifications import Verifications
from services.api.limiting import Limits
from services.api.ports import Apis, Keys, Permissions
from services.api.rpc import (
    analytics_get_verifications,
    apis_create,
    apis_delete,
    apis_get,
    apis_list_keys,
    keys_add_permissions,
    keys_create,
    keys_delete,
    keys_get,
    keys_remove_permissions,
    keys_reroll,
    keys_set_permissions,
    keys_update,
    keys_update_credits,
    keys_verify,
    keys_whoami,
    permissions_create,
    permissions_delete,
    permissions_get,
    permissions_list,
    ratelimit_delete_override,
    ratelimit_get_override,
    ratelimit_limit,
    ratelimit_list_overrides,
    ratelimit_multi_limit,
    ratelimit_set_override,
)
from services.api.rpc.call import Operation
from services.api.rpc.key_changes import KeyChanges
from services.api.rpc.namespaces import Rooms
from services.api.rpc.recovery import Vault
from services.api.verifying import AtOnce, Verifier


@dataclass(frozen=True, kw_only=True)
class Collaborators:
    """What the operations need.

    Attributes:
        forget: tells the caches that a key of that digest has changed.
        forget_all: the same of several.
        verifications: None if they are not kept.
    """

    apis: Apis
    keys: Keys
    permissions: Permissions
    rooms: Rooms
    limits: Limits
    verifier: Verifier
    at_once: AtOnce
    forget: Callable[[bytes], None]
    forget_all: Callable[[Sequence[bytes]], None]
    vault: Vault
    clock: Clock
    verifications: Verifications | None = None


def every(on: Collaborators) -> list[Operation[Any, Any]]:
    """An operation for each route that the service has."""
    changes = KeyChanges(on.keys, on.forget, on.clock)
    return [
        apis_create.operation(on.apis, on.clock),
        apis_get.operation(on.apis),
        apis_delete.operation(on.apis, on.forget_all, on.clock),
        apis_list_keys.operation(on.apis, on.keys, on.vault),
        keys_create.operation(on.keys, on.vault, on.clock),
        keys_get.operation(on.keys, on.vault),
        keys_update.operation(changes),
        keys_delete.operation(on.keys, on.forget, on.clock),
        keys_verify.operation(on.verifier, on.at_once),
        keys_whoami.operation(on.keys),
        keys_reroll.operation(on.keys, on.vault, on.forget, on.clock),
        keys_update_credits.operation(changes),
        keys_add_permissions.operation(changes),
        keys_remove_permissions.operation(changes, on.permissions),
        keys_set_permissions.operation(changes),
        permissions_create.operation(on.permissions, on.clock),
        permissions_get.operation(on.permissions),
        permissions_list.operation(on.permissions),
        permissions_delete.operation(on.permissions, on.forget_all, on.clock),
        ratelimit_limit.operation(on.rooms, on.limits),
        ratelimit_multi_limit.operation(on.rooms, on.limits),
        ratelimit_set_override.operation(on.rooms),
        ratelimit_get_override.operation(on.rooms),
        ratelimit_list_overrides.operation(on.rooms),
        ratelimit_delete_override.operation(on.rooms),
        analytics_get_verifications.operation(on.verifications),
    ]
