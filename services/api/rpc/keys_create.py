"""POST /v2/keys.createKey"""

from msgspec import UNSET

from pkg import uid
from pkg.clock import Clock
from services.api.domain import credit_changes, metadata, secret
from services.api.domain.key import Key
from services.api.domain.rights import Right
from services.api.domain.secret import Secret
from services.api.domain.stored import Api
from services.api.domain.times import moment
from services.api.ports import Keys, NewKey
from services.api.rpc import key_parts
from services.api.rpc.call import Call, Operation
from services.api.rpc.changes import change, told
from services.api.rpc.errors import not_found
from services.api.rpc.recovery import Vault, ciphertext
from services.api.wire.keys import CREATE_KEY, CreatedKey, CreateKeyRequest


def operation(keys: Keys, vault: Vault, clock: Clock) -> Operation[CreateKeyRequest, CreatedKey]:
    """The operation, on that store."""

    def run(call: Call, asked: CreateKeyRequest) -> CreatedKey:
        """Makes a key. Its text is told this once, unless it may be shown again."""
        permissions = frozenset(() if asked.permissions is UNSET else asked.permissions)
        roles = frozenset(() if asked.roles is UNSET else asked.roles)
        known = keys.known(
            call.workspace_id,
            asked.api_id,
            permissions=permissions,
            roles=roles,
            external_id=None if asked.external_id is UNSET else asked.external_id,
        )
        if known is None:
            raise not_found("API")
        api = known.api
        call.require(Right.CREATE_KEY.on(api.id))
        if asked.recoverable:
            call.require(Right.ENCRYPT_KEY.on(api.id))
        made = secret.new("" if asked.prefix is UNSET else asked.prefix, asked.byte_length)
        key = _key(api, asked, made, clock)
        new = NewKey(
            key=key,
            digest=made.digest,
            meta=None if key.meta is None else metadata.encoded(key.meta),
            permissions=permissions,
            make_permissions=call.may(Right.CREATE_PERMISSION.on()),
            roles=roles,
            ciphertext=ciphertext(vault, api.workspace_id, made.text) if key.recoverable else None,
        )
        with told():
            keys.add(new, known, change(call, clock, "key.create", key.id, api_id=api.id))
        return CreatedKey(key_id=key.id, key=made.text)

    return Operation(CREATE_KEY, CreateKeyRequest, run)


def _key(api: Api, asked: CreateKeyRequest, made: Secret, clock: Clock) -> Key:
    now = clock.now()
    return Key(
        id=uid.new("key", clock),
        workspace_id=api.workspace_id,
        api_id=api.id,
        keyspace_id=api.keyspace_id,
        start=made.start,
        created_at=now,
        name=None if asked.name is UNSET else asked.name,
        meta=None if asked.meta is UNSET else asked.meta,
        enabled=asked.enabled,
        expires_at=None if asked.expires is UNSET else moment(asked.expires),
        recoverable=asked.recoverable,
        credits=credit_changes.created(asked.credits, now),
        ratelimits=()
        if asked.ratelimits is UNSET
        else key_parts.ratelimits(asked.ratelimits, clock),
        identity=None
        if asked.external_id is UNSET
        else key_parts.identity(asked.external_id, clock),
    )
