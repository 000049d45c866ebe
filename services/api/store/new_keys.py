"""New keys: the statements that store one with all that it has."""

from collections.abc import Collection

from sqlalchemy import Insert, insert

from services.api.domain.key import Key
from services.api.domain.times import milliseconds
from services.api.store import credits as credit_rows
from services.api.store.columns import stored_at, stored_meta
from services.api.store.identities import id_of, new_identity
from services.api.store.permissions import give_permissions
from services.api.store.ratelimits import new_ratelimits
from services.api.store.roles import give_roles
from services.api.store.tables import credits, encrypted_keys, keys


def new_key(
    key: Key,
    digest: bytes,
    *,
    meta: bytes | None = None,
    permissions: Collection[str] = (),
    roles: Collection[str] = (),
    ciphertext: bytes | None = None,
    make_identity: bool = False,
) -> list[Insert]:
    """The statements that store a key: one, and one for each part that it has.

    Args:
        key: its permissions and roles apart, which are the following.
        meta: the key's, if it was encoded already.
        permissions: its own, by slug: it gets those that there are then.
        roles: by name, likewise.
        ciphertext: of its text, if it may be shown again.
        make_identity: whether its identity is made, if nobody has made it since; else it is there.
    """
    row = _row(key) if meta is None else {**_row(key), "meta": meta.decode()}
    made = []
    if make_identity and key.identity is not None:
        external_id = key.identity.external_id
        made.append(new_identity(key.workspace_id, external_id, key.identity.id, key.created_at))
        row["identity_id"] = id_of(key.workspace_id, external_id).scalar_subquery()
    made.append(insert(keys).values(id=key.id, digest=digest, **row))
    if key.credits is not None:
        made.append(insert(credits).values(key_id=key.id, **credit_rows.row(key.credits)))
    if key.ratelimits:
        made.append(new_ratelimits(key.id, key.ratelimits))
    if permissions:
        made.append(give_permissions(key.id, key.workspace_id, permissions))
    if roles:
        made.append(give_roles(key.id, key.workspace_id, roles))
    if ciphertext is not None:
        hidden = insert(encrypted_keys).values(key_id=key.id, ciphertext=ciphertext)
        made.append(hidden.values(created_at=milliseconds(key.created_at)))
    return made


def _row(key: Key) -> dict[str, object]:
    return {
        "workspace_id": key.workspace_id,
        "api_id": key.api_id,
        "identity_id": key.identity.id if key.identity else None,
        "start": key.start,
        "name": key.name,
        "meta": stored_meta(key.meta),
        "enabled": key.enabled,
        "created_at": milliseconds(key.created_at),
        "updated_at": stored_at(key.updated_at),
        "last_used_at": stored_at(key.last_used_at),
        "expires_at": stored_at(key.expires_at),
    }
