"""New keys, as operations have them: what stores one, and what it names and may make."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Insert

from pkg import uid
from pkg.clock import Clock
from services.api.domain.stored import Known
from services.api.ports import MissingPermissions, MissingRoles, NewKey
from services.api.store.new_keys import new_key
from services.api.store.permissions import new_permissions


def statements(new: NewKey, known: Known, clock: Clock, now: datetime) -> list[Insert]:
    """The statements of a new key.

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
