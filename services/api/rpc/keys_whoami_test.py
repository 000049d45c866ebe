"""A text tells which key it is, to who may read that."""

import pytest

from pkg.fault import Fault, Kind
from services.api.domain import examples
from services.api.domain.secret import digest
from services.api.rpc import keys_whoami
from services.api.testutil.ports import port
from services.api.testutil.serving import call
from services.api.wire.keys import WhoamiRequest

STORED = {("ws_1", digest("a text")): examples.key()}
RUN = keys_whoami.operation(port(find_by_digest=lambda *asked: STORED.get(asked))).run


def test_a_key_is_known_by_its_text() -> None:
    """All of it."""
    assert RUN(call("api.api_1.read_key"), WhoamiRequest(key="a text")).key_id == "key_1"


@pytest.mark.parametrize(
    ("text", "held", "workspace"),
    [
        ("a text ", "api.*.read_key", "ws_1"),
        ("a text", "api.*.read_key", "ws_2"),
        ("a text", "api.api_2.read_key", "ws_1"),
    ],
)
def test_others_are_not_there(text: str, held: str, workspace: str) -> None:
    """Nobody's, another workspace's, one that must not be read: all the same to the caller."""
    with pytest.raises(Fault) as refused:
        RUN(call(held, workspace_id=workspace), WhoamiRequest(key=text))
    assert (refused.value.kind, refused.value.public) == (
        Kind.NOT_FOUND,
        "There is no such key.",
    )
