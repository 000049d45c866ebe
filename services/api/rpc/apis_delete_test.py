"""An API goes with its keys, unless it is protected; caches are told."""

from dataclasses import replace
from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.domain.stored import Api
from services.api.rpc import apis_delete
from services.api.testutil.ports import API, CLOCK, of_workspace, port
from services.api.testutil.serving import call
from services.api.wire.apis import DeleteApiRequest

ASKED = DeleteApiRequest(api_id=API.id)


def test_it_goes_and_its_keys_are_forgotten() -> None:
    """With an audit row."""
    removed: list[Any] = []
    forgotten: list[bytes] = []

    def remove(*given: object) -> list[bytes]:
        removed.append(given)
        return [b"1", b"2"]

    apis = port(find=of_workspace(API), remove=remove)
    apis_delete.operation(apis, forgotten.extend, CLOCK).run(call("api.*.delete_api"), ASKED)
    [(api, row)] = removed
    assert (api, row.event, row.target_id) == (API, "api.delete", API.id)
    assert forgotten == [b"1", b"2"]


@pytest.mark.parametrize(
    ("api", "held", "workspace", "kind"),
    [
        (API, "api.*.read_api", "ws_1", Kind.FORBIDDEN),
        (API, "api.*.delete_api", "ws_2", Kind.NOT_FOUND),
        (replace(API, protected=True), "api.*.delete_api", "ws_1", Kind.PROTECTED),
        (replace(API, protected=True), "api.*.read_api", "ws_1", Kind.FORBIDDEN),
    ],
)
def test_otherwise_it_stays(api: Api, held: str, workspace: str, kind: Kind) -> None:
    """Nothing is written: the store has no method for it here."""
    apis = port(find=of_workspace(api))
    run = apis_delete.operation(apis, lambda _: None, CLOCK).run
    with pytest.raises(Fault) as refused:
        run(call(held, workspace_id=workspace), ASKED)
    assert refused.value.kind is kind
