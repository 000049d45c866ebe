"""An API is told to who may read it, and is not there for other workspaces."""

import pytest

from pkg.fault import Fault, Kind
from services.api.rpc import apis_get
from services.api.testutil.ports import API, of_workspace, port
from services.api.testutil.serving import call
from services.api.wire.apis import Api, GetApiRequest

RUN = apis_get.operation(port(find=of_workspace(API))).run
ASKED = GetApiRequest(api_id=API.id)


@pytest.mark.parametrize("held", ["api.*.read_api", "api.api_12345.read_api"])
def test_who_may_is_told(held: str) -> None:
    """All APIs, or this one."""
    assert RUN(call(held), ASKED) == Api(id=API.id, name="payments")


@pytest.mark.parametrize("held", ["api.*.read_key", "api.api_54321.read_api"])
def test_who_may_not_is_refused(held: str) -> None:
    """With what is missing."""
    with pytest.raises(Fault, match="insufficient_permissions") as refused:
        RUN(call(held), ASKED)
    assert "api.api_12345.read_api" in refused.value.public


def test_anothers_is_not_there() -> None:
    """Whatever one may."""
    with pytest.raises(Fault, match="api_not_found") as refused:
        RUN(call(workspace_id="ws_2"), ASKED)
    assert refused.value.kind is Kind.NOT_FOUND
