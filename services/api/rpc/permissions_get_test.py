"""A permission is told to who may read them, and is not there for other workspaces."""

import pytest

from pkg.fault import Fault
from services.api import shown
from services.api.rpc import permissions_get
from services.api.testutil.ports import READ, of_workspace, port
from services.api.testutil.serving import call
from services.api.wire.permissions import GetPermissionRequest

RUN = permissions_get.operation(port(find=of_workspace(READ))).run
ASKED = GetPermissionRequest(permission="a.read")


def test_who_may_is_told() -> None:
    """All of it."""
    assert RUN(call("rbac.*.read_permission"), ASKED) == shown.permission(READ)


def test_others_are_not() -> None:
    """Who may not, and who belongs to another workspace."""
    with pytest.raises(Fault, match="insufficient_permissions"):
        RUN(call("rbac.*.create_permission"), ASKED)
    with pytest.raises(Fault, match="permission_not_found"):
        RUN(call(workspace_id="ws_2"), ASKED)
