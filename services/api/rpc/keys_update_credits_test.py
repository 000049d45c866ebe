"""A key's credits are set, added to and taken from, by who may update the key."""

import msgspec
import pytest

from pkg.fault import Fault, Kind
from services.api.domain import examples
from services.api.domain.credits import Credits, Refill
from services.api.domain.faults import InvalidRequest
from services.api.rpc import keys_update_credits
from services.api.rpc.key_changes import KeyChanges
from services.api.testutil.ports import CLOCK, OneKey
from services.api.testutil.serving import call
from services.api.wire import keys as wire

KEY = examples.key(credits=Credits(5, Refill(10), examples.NOW))


def run(
    operation: str, value: int | None, *held: str, workspace: str = "ws_1"
) -> tuple[wire.Credits, OneKey]:
    """The answer, and the store after it."""
    store = OneKey(KEY)
    changes = KeyChanges(store.port, store.forgotten.append, CLOCK)
    body = {"keyId": "key_1", "operation": operation, "value": value}
    asked = msgspec.convert(body, wire.UpdateCreditsRequest)
    made = keys_update_credits.operation(changes)
    return made.run(call(*held, workspace_id=workspace), asked), store


@pytest.mark.parametrize(
    ("operation", "value", "remaining"),
    [("set", 1, 1), ("increment", 2, 7), ("decrement", 9, 0)],
)
def test_what_is_left_is_told(operation: str, value: int, remaining: int) -> None:
    """And stored; caches are told."""
    told, store = run(operation, value, "api.api_1.update_key")
    assert told == wire.Credits(
        remaining=remaining, refill=wire.Refill(interval="daily", amount=10)
    )
    assert store.key.credits == Credits(remaining, Refill(10), examples.NOW)
    assert store.forgotten == [b"digest"]
    assert [row.event for row in store.rows] == ["key.update_credits"]


def test_unlimited_credits_are_told_as_null() -> None:
    """Without a refill."""
    told, store = run("set", None)
    assert msgspec.json.encode(told) == b'{"remaining":null}'
    assert store.key.credits is None


def test_what_makes_no_sense_changes_nothing() -> None:
    """Nothing to add by."""
    with pytest.raises(InvalidRequest, match=r"body\.value"):
        run("increment", None)


@pytest.mark.parametrize(
    ("held", "workspace", "kind"),
    [
        ("api.*.read_key", "ws_1", Kind.FORBIDDEN),
        ("api.*.update_key", "ws_2", Kind.NOT_FOUND),
    ],
)
def test_others_change_nothing(held: str, workspace: str, kind: Kind) -> None:
    """Another workspace's key is not there."""
    with pytest.raises(Fault) as refused:
        run("set", 1, held, workspace=workspace)
    assert refused.value.kind is kind
