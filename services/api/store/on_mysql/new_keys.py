"""New keys, as operations have them: what there is of what they name, and what is made."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Insert

from pkg import uid
from pkg.clock import Clock
from services.api.domain.stored import Known
from services.api.ports import MissingPermissions, MissingRoles, NewKey
from services.api.store.columns import as_id
from services.api.store.known import find_known
from services.api.store.new_keys import new_key
from services.api.store.permissions import new_permissions


def known(
    connection: Connection,
    workspace_id: str,
    api_id: str,
    permissions: Collection[str],
    roles: Collection[str],
    external_id: str | None,
) -> Known | None:
    """What there is of it; None if there is no such API. One round trip."""
    if as_id(api_id) is None:
        return None
    return find_known(
        connection,
        workspace_id,
        api_id,
        slugs=permissions,
        role_names=roles,
        external_id=external_id,
    )


def statements(new: NewKey, known: Known, clock: Clock, now: datetime) -> list[Insert]:
    """What stores a new key, and what it names and may make.

    What somebody else makes meanwhile is taken as it is; what somebody deletes meanwhile, the key
    has not, as if that had come after it.

    Args:
        known: what there was of what it names.
        clock: gives ids to what is made.

    Raises:
        MissingPermissions: there were none of those slugs, and they must not be made.
        MissingRoles: there were none of those names.
    """
    missing = new.permissions - known.permissions
    if missing and not new.make_permissions:
        raise MissingPermissions(sorted(missing))
    if unknown := new.roles - known.roles:
        raise MissingRoles(sorted(unknown))
    key = new.key
    if key.identity is not None and known.identity_id is not None:
        key = replace(key, identity=replace(key.identity, id=known.identity_id))
    made = []
    if missing:
        made.append(new_permissions(key.workspace_id, missing, lambda: uid.new("perm", clock), now))
    return made + new_key(
        key,
        new.digest,
        meta=new.meta,
        permissions=new.permissions,
        roles=new.roles,
        ciphertext=new.ciphertext,
        make_identity=known.identity_id is None,
    )
