"""An API is made for who may, with an audit row; its name is no other one's."""

from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.domain.faults import InvalidRequest
from services.api.ports import Taken
from services.api.rpc import apis_create
from services.api.testutil.ports import CLOCK, port
from services.api.testutil.serving import call
from services.api.wire.apis import CreateApiRequest

ASKED = CreateApiRequest(name="Payments (prod)")


def test_it_is_stored_with_its_keyspace_and_the_audit_row() -> None:
    """For the root key's workspace, whatever the name."""
    added: list[Any] = []
    apis = port(add=lambda *given: added.append(given))
    answer = apis_create.operation(apis, CLOCK).run(call("api.*.create_api"), ASKED)
    [(api, row)] = added
    assert (api.id, api.name, api.workspace_id) == (answer.api_id, ASKED.name, "ws_1")
    assert api.keyspace_id.startswith("ks_")
    assert (row.event, row.target_id, row.actor_id, row.request_id) == (
        "api.create",
        api.id,
        "key_root",
        "req_1",
    )
    assert row.at == CLOCK.now()


def test_who_may_not_is_refused() -> None:
    """Also who may something to one API."""
    for held in ("api.*.read_api", "api.api_1.create_api"):
        with pytest.raises(Fault) as refused:
            apis_create.operation(port(), CLOCK).run(call(held), ASKED)
        assert refused.value.kind is Kind.FORBIDDEN


def test_a_name_that_is_taken_is_refused() -> None:
    """The field is named."""

    def taken(*_: object) -> None:
        raise Taken

    with pytest.raises(InvalidRequest) as refused:
        apis_create.operation(port(add=taken), CLOCK).run(call(), ASKED)
    assert [each.location for each in refused.value.fields] == ["body.name"]
