"""POST /v2/keys.updateKey"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from msgspec import UNSET, UnsetType

from pkg.clock import Clock
from services.api.domain import credit_changes, metadata
from services.api.domain.key import Key
from services.api.domain.rights import Right
from services.api.domain.times import moment
from services.api.ports import KeyUpdate
from services.api.rpc import key_parts
from services.api.rpc.call import Call, Operation
from services.api.rpc.key_changes import KeyChanges
from services.api.wire.common import Empty
from services.api.wire.keys import UPDATE_KEY, UpdateKeyRequest


def operation(changes: KeyChanges) -> Operation[UpdateKeyRequest, Empty]:
    """The operation, on that store."""

    def run(call: Call, asked: UpdateKeyRequest) -> Empty:
        """Changes what the request names; null takes away. Roles and permissions are replaced."""

        def work(key: Key) -> KeyUpdate:
            return KeyUpdate(
                key=updated(key, asked, changes.clock),
                meta=_meta(asked.meta),
                permissions=_names(asked.permissions),
                make_permissions=call.may(Right.CREATE_PERMISSION.on()),
                roles=_names(asked.roles),
            )

        fields = sorted(
            name
            for name in asked.__struct_fields__
            if name != "key_id" and getattr(asked, name) is not UNSET
        )
        changes.make(call, asked.key_id, work, fields=fields)
        return Empty()

    return Operation(UPDATE_KEY, UpdateKeyRequest, run)


def updated(key: Key, asked: UpdateKeyRequest, clock: Clock) -> Key:
    """A key as it is to be, its permissions and roles apart.

    Raises:
        InvalidRequest: credits or rate limits make no sense.
    """
    now = clock.now()
    changed: dict[str, Any] = {"credits": credit_changes.updated(key.credits, asked.credits, now)}
    if asked.name is not UNSET:
        changed["name"] = asked.name
    if asked.meta is not UNSET:
        changed["meta"] = asked.meta
    if asked.enabled is not UNSET:
        changed["enabled"] = asked.enabled
    if asked.expires is not UNSET:
        changed["expires_at"] = None if asked.expires is None else moment(asked.expires)
    if asked.ratelimits is not UNSET:
        changed["ratelimits"] = key_parts.ratelimits(asked.ratelimits or (), clock, key.ratelimits)
    if asked.external_id is None:
        changed["identity"] = None
    elif asked.external_id is not UNSET and not _is_of(key, asked.external_id):
        changed["identity"] = key_parts.identity(asked.external_id, clock)
    return replace(key, updated_at=now, **changed)


def _is_of(key: Key, external_id: str) -> bool:
    return key.identity is not None and key.identity.external_id == external_id


def _meta(asked: Mapping[str, Any] | UnsetType | None) -> bytes | UnsetType | None:
    return metadata.encoded(asked) if isinstance(asked, Mapping) else asked


def _names(asked: list[str] | UnsetType) -> frozenset[str] | UnsetType:
    return UNSET if asked is UNSET else frozenset(asked)
