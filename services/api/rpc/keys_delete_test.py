"""A key goes for who may delete it, and caches are told."""

from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.domain import examples
from services.api.rpc import keys_delete
from services.api.testutil.ports import CLOCK, of_workspace, port
from services.api.testutil.serving import call
from services.api.wire.keys import DeleteKeyRequest

KEY = examples.key()


@pytest.mark.parametrize("permanent", [False, True])
def test_it_goes(permanent: bool) -> None:
    """With all that is known of it, if that is asked for; with an audit row either way."""
    removed: list[Any] = []
    forgotten: list[bytes] = []

    def remove(*given: object) -> bytes:
        removed.append(given)
        return b"digest"

    keys = port(find=of_workspace(KEY), remove=remove)
    run = keys_delete.operation(keys, forgotten.append, CLOCK).run
    run(call("api.api_1.delete_key"), DeleteKeyRequest(key_id="key_1", permanent=permanent))
    [(key, for_ever, row)] = removed
    assert (key, for_ever, row.event) == (KEY, permanent, "key.delete")
    assert row.details == {"permanent": permanent}
    assert forgotten == [b"digest"]


@pytest.mark.parametrize(
    ("held", "workspace", "kind"),
    [
        ("api.*.update_key", "ws_1", Kind.FORBIDDEN),
        ("api.*.delete_key", "ws_2", Kind.NOT_FOUND),
    ],
)
def test_otherwise_it_stays(held: str, workspace: str, kind: Kind) -> None:
    """Nothing is written: the store has no method for it here."""
    keys = port(find=of_workspace(KEY))
    run = keys_delete.operation(keys, lambda _: None, CLOCK).run
    with pytest.raises(Fault) as refused:
        run(call(held, workspace_id=workspace), DeleteKeyRequest(key_id="key_1"))
    assert refused.value.kind is kind
