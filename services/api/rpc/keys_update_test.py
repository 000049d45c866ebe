"""What an update names is changed, null takes away, and the rest stays."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from pkg.fault import Fault, Kind
from services.api.domain import examples
from services.api.domain.credits import Credits
from services.api.domain.faults import InvalidRequest
from services.api.domain.key import Identity, Key
from services.api.domain.times import milliseconds
from services.api.rpc import keys_update
from services.api.rpc.key_changes import KeyChanges
from services.api.testutil.ports import CLOCK, OneKey
from services.api.testutil.serving import call
from services.api.wire.keys import UpdateKeyRequest

KEY = examples.key(
    name="a key",
    meta={"plan": "free"},
    expires_at=examples.NOW,
    credits=Credits(5, None, examples.NOW),
    ratelimits=(examples.limit(), examples.limit("tokens")),
    identity=Identity("id_1", "user_1"),
)


def run(change: dict[str, Any], *held: str, workspace: str = "ws_1", key: Key = KEY) -> OneKey:
    """The store, after the update."""
    store = OneKey(key)
    changes = KeyChanges(store.port, store.forgotten.append, CLOCK)
    asked = msgspec.convert({"keyId": "key_1", **change}, UpdateKeyRequest)
    keys_update.operation(changes).run(call(*held, workspace_id=workspace), asked)
    return store


def test_nothing_changes_nothing() -> None:
    """But the time of the last change; caches are told, and the audit."""
    store = run({}, "api.*.update_key")
    assert store.key == replace(KEY, updated_at=CLOCK.now())
    assert store.update is not None
    assert (store.update.meta, store.update.permissions, store.update.roles) == (UNSET,) * 3
    assert store.forgotten == [b"digest"]
    assert [(row.event, row.target_id, row.details) for row in store.rows] == [
        ("key.update", "key_1", {"fields": []})
    ]


@pytest.mark.parametrize(
    ("field", "value", "attribute", "after"),
    [
        ("name", "another", "name", "another"),
        ("name", None, "name", None),
        ("enabled", False, "enabled", False),
        ("expires", None, "expires_at", None),
        ("expires", milliseconds(examples.NOW) + 1, "expires_at", ...),
        ("meta", {"plan": "paid"}, "meta", {"plan": "paid"}),
        ("meta", None, "meta", None),
        ("credits", None, "credits", None),
        ("ratelimits", None, "ratelimits", ()),
        ("ratelimits", [], "ratelimits", ()),
        ("externalId", None, "identity", None),
        ("externalId", "user_1", "identity", KEY.identity),
    ],
)
def test_one_field_is_changed(field: str, value: Any, attribute: str, after: Any) -> None:
    """And no other; the audit row names it."""
    store = run({field: value})
    if after is ...:
        after = examples.NOW.replace(microsecond=1000)
    assert store.key == replace(KEY, updated_at=CLOCK.now(), **{attribute: after})
    [row] = store.rows
    assert len(row.details["fields"]) == 1


def test_meta_is_stored_as_text() -> None:
    """Null as none."""
    for value, stored in (({"a": 1}, b'{"a":1}'), (None, None)):
        update = run({"meta": value}).update
        assert update is not None
        assert update.meta == stored


def test_an_identity_is_another_one() -> None:
    """The store takes the one that it has of that name."""
    identity = run({"externalId": "user_2"}).key.identity
    assert identity is not None
    assert identity.external_id == "user_2"
    assert identity.id != "id_1"


def test_a_limit_of_the_same_name_keeps_its_id() -> None:
    """What was counted of it stays; others are new."""
    asked = [
        {"name": "requests", "limit": 99, "duration": 1000},
        {"name": "uploads", "limit": 1, "duration": 1000},
    ]
    first, second = run({"ratelimits": asked}).key.ratelimits
    assert (first.id, first.limit) == ("rl_requests", 99)
    assert second.id not in ("rl_requests", "rl_tokens")


def test_roles_and_permissions_are_replaced() -> None:
    """New permissions are made by who may."""
    change = {"roles": ["reader"], "permissions": []}
    for held, may in ((("api.*.update_key",), False), ((), True)):
        update = run(change, *held).update
        assert update is not None
        assert update.roles == frozenset({"reader"})
        assert update.permissions == frozenset()
        assert update.make_permissions is may


@pytest.mark.parametrize(
    ("held", "workspace", "kind"),
    [
        ("api.api_2.update_key", "ws_1", Kind.FORBIDDEN),
        ("api.*.update_key", "ws_2", Kind.NOT_FOUND),
    ],
)
def test_others_change_nothing(held: str, workspace: str, kind: Kind) -> None:
    """Another workspace's key is not there."""
    with pytest.raises(Fault) as refused:
        run({"name": "another"}, held, workspace=workspace)
    assert refused.value.kind is kind


def test_what_makes_no_sense_changes_nothing() -> None:
    """The field is named."""
    with pytest.raises(InvalidRequest, match=r"body\.credits\.refill"):
        run({"credits": {"remaining": None, "refill": {"interval": "daily", "amount": 1}}})
