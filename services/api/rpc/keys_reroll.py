"""POST /v2/keys.rerollKey"""

from collections.abc import Callable
from dataclasses import replace

from pkg import uid
from pkg.clock import Clock
from services.api.domain import metadata, reroll, secret
from services.api.domain.key import Key
from services.api.domain.rights import Right
from services.api.domain.secret import Secret
from services.api.domain.times import duration
from services.api.ports import Keys, KeyUpdate, NewKey
from services.api.rpc.call import Call, Operation
from services.api.rpc.changes import change
from services.api.rpc.errors import not_found
from services.api.rpc.recovery import Vault, ciphertext
from services.api.wire.keys import REROLL_KEY, CreatedKey, RerollKeyRequest

_BYTES = 16


def operation(
    keys: Keys, vault: Vault, forget: Callable[[bytes], None], clock: Clock
) -> Operation[RerollKeyRequest, CreatedKey]:
    """The operation, on that store.

    Args:
        forget: tells the caches that a key of that digest has changed.
    """

    def run(call: Call, asked: RerollKeyRequest) -> CreatedKey:
        """Makes a key's successor, with all that it has; the old one expires after its grace."""
        old = keys.find(call.workspace_id, asked.key_id, latest=True)
        if old is None:
            raise not_found("key")
        call.require(Right.CREATE_KEY.on(old.api_id))
        if old.recoverable:
            call.require(Right.ENCRYPT_KEY.on(old.api_id))
        made = secret.new(secret.prefix(old.start), _BYTES)
        # Before the transaction: nobody's rows are locked while the vault is asked.
        hidden = ciphertext(vault, old.workspace_id, made.text) if old.recoverable else None
        key_id = uid.new("key", clock)
        grace = None if asked.expiration is None else duration(asked.expiration)

        def work(key: Key) -> tuple[KeyUpdate, NewKey]:
            now = clock.now()
            ended = replace(key, updated_at=now, expires_at=reroll.expires_at(key, grace, now))
            return KeyUpdate(key=ended), _successor(key, key_id, made, hidden, clock)

        row = change(call, clock, "key.reroll", old.id, successor_id=key_id)
        changed = keys.replace(call.workspace_id, old.id, work, row)
        if changed is None:
            raise not_found("key")
        forget(changed.digest)
        return CreatedKey(key_id=key_id, key=made.text)

    return Operation(REROLL_KEY, RerollKeyRequest, run)


def _successor(old: Key, key_id: str, made: Secret, hidden: bytes | None, clock: Clock) -> NewKey:
    now = clock.now()
    current = replace(old, credits=None if old.credits is None else old.credits.at(now))
    limits = tuple(replace(each, id=uid.new("rl", clock)) for each in old.ratelimits)
    return NewKey(
        key=reroll.successor(current, key_id, limits, made, now),
        digest=made.digest,
        meta=None if old.meta is None else metadata.encoded(old.meta),
        permissions=old.own_permissions,
        roles=frozenset(old.roles),
        ciphertext=hidden,
    )
