"""A permission goes from all keys and roles, and caches are told."""

from typing import Any

import pytest

from pkg.fault import Fault
from services.api.rpc import permissions_delete
from services.api.testutil.ports import CLOCK, READ, of_workspace, port
from services.api.testutil.serving import call
from services.api.wire.permissions import DeletePermissionRequest

ASKED = DeletePermissionRequest(permission="a.read")


def test_it_goes() -> None:
    """With an audit row."""
    removed: list[Any] = []
    forgotten: list[bytes] = []

    def remove(*given: object) -> list[bytes]:
        removed.append(given)
        return [b"1", b"2"]

    permissions = port(find=of_workspace(READ), remove=remove)
    run = permissions_delete.operation(permissions, forgotten.extend, CLOCK).run
    run(call("rbac.*.delete_permission"), ASKED)
    [(permission, row)] = removed
    assert (permission, row.event, row.target_id) == (READ, "permission.delete", "perm_1")
    assert forgotten == [b"1", b"2"]


def test_otherwise_it_stays() -> None:
    """For who may not, and for another workspace; the store has no method for it here."""
    permissions = port(find=of_workspace(READ))
    run = permissions_delete.operation(permissions, lambda _: None, CLOCK).run
    with pytest.raises(Fault, match="insufficient_permissions"):
        run(call("rbac.*.read_permission"), ASKED)
    with pytest.raises(Fault, match="permission_not_found"):
        run(call(workspace_id="ws_2"), ASKED)
