"""A permission is made for who may, with an audit row; its slug is no other one's."""

from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.ports import Taken
from services.api.rpc import permissions_create
from services.api.testutil.ports import CLOCK, port
from services.api.testutil.serving import call
from services.api.wire.permissions import CreatePermissionRequest

ASKED = CreatePermissionRequest(name="may read", slug="a.read")


def test_it_is_stored_with_the_audit_row() -> None:
    """In the root key's workspace."""
    added: list[Any] = []
    permissions = port(add=lambda *given: added.append(given))
    run = permissions_create.operation(permissions, CLOCK).run
    answer = run(call("rbac.*.create_permission"), ASKED)
    [(workspace_id, permission, row)] = added
    assert (workspace_id, permission.id, permission.slug) == (
        "ws_1",
        answer.permission_id,
        "a.read",
    )
    assert permission.description is None
    assert (row.event, row.target_id) == ("permission.create", permission.id)


def test_a_slug_that_is_taken_is_a_conflict() -> None:
    """The SDK has an exception of its own for that."""

    def taken(*_: object) -> None:
        raise Taken

    with pytest.raises(Fault, match="permission_exists") as refused:
        permissions_create.operation(port(add=taken), CLOCK).run(call(), ASKED)
    assert refused.value.kind is Kind.CONFLICT


def test_who_may_not_is_refused() -> None:
    """Also who may read them."""
    with pytest.raises(Fault, match="insufficient_permissions"):
        permissions_create.operation(port(), CLOCK).run(call("rbac.*.read_permission"), ASKED)
