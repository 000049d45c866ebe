"""Audit rows, and what the store refuses as callers are told it."""

from collections.abc import Iterator
from contextlib import contextmanager

from pkg import uid
from pkg.clock import Clock
from pkg.fault import Fault, Kind
from services.api.domain.rights import Right
from services.api.domain.stored import Change
from services.api.ports import MissingPermissions, MissingRoles
from services.api.rpc.call import Call


def change(call: Call, clock: Clock, event: str, target_id: str, **details: object) -> Change:
    """The audit row of what a call does.

    Args:
        event: such as key.create.
        target_id: what is changed.
        details: more of it; no secret.
    """
    return Change(
        id=uid.new("audit", clock),
        workspace_id=call.workspace_id,
        actor_id=call.root_key.id,
        event=event,
        target_id=target_id,
        at=clock.now(),
        request_id=call.request_id,
        details=details,
    )


@contextmanager
def told() -> Iterator[None]:
    """Makes faults of what the store says is not there.

    Raises:
        Fault: permissions or roles are not.
    """
    try:
        yield
    except MissingPermissions as error:
        raise Fault(
            Kind.FORBIDDEN,
            "insufficient_permissions",
            f"{len(error.names)} of the permissions are not there, and to make them the root key "
            f"needs {Right.CREATE_PERMISSION.on()}.",
        ) from error
    except MissingRoles as error:
        raise Fault(
            Kind.NOT_FOUND, "role_not_found", f"{len(error.names)} of the roles are not there."
        ) from error
