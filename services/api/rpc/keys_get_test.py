"""A key is told to who may read it, its text to who may decrypt it."""

from dataclasses import replace
from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.domain import examples
from services.api.domain.credits import Credits, Refill
from services.api.domain.key import Identity, Key
from services.api.domain.times import milliseconds
from services.api.rpc import keys_get
from services.api.testutil.ports import of_workspace, port
from services.api.testutil.serving import call
from services.api.wire import keys as wire
from services.api.wire.keys import GetKeyRequest

KEY = examples.key(
    name="a key",
    meta={"plan": "free"},
    permissions=frozenset({"b", "a"}),
    roles=("reader",),
    credits=Credits(5, Refill(10, 31), examples.NOW),
    ratelimits=(examples.limit(),),
    identity=Identity("id_1", "user_1"),
    recoverable=True,
)


def run(key: Key, *held: str, workspace: str = "ws_1", decrypt: bool = False) -> wire.Key:
    """The key, of a store with a text for it."""
    keys = port(find=of_workspace(key), ciphertext=lambda _: b"hidden")
    vault = port(decrypt=lambda keyring, stored: b"text")
    asked = GetKeyRequest(key_id=key.id, decrypt=decrypt)
    return keys_get.operation(keys, vault).run(call(*held, workspace_id=workspace), asked)


def test_all_of_it_is_told() -> None:
    """But its text."""
    told = run(KEY, "api.api_1.read_key")
    assert (told.key_id, told.start, told.name) == ("key_1", "prod_abcd", "a key")
    assert told.created_at == milliseconds(KEY.created_at)
    assert (told.permissions, told.roles, told.meta) == (["a", "b"], ["reader"], {"plan": "free"})
    assert told.credits == wire.Credits(
        remaining=5, refill=wire.Refill(interval="monthly", amount=10, refill_day=31)
    )
    assert told.identity is not None
    assert told.ratelimits is not None
    assert told.ratelimits[0].duration == 3_600_000
    assert told.plaintext is None


@pytest.mark.parametrize(("recoverable", "text"), [(True, "text"), (False, None)])
def test_its_text_is_told_if_it_can_be(recoverable: bool, text: str | None) -> None:
    """To who may decrypt it."""
    key = replace(KEY, recoverable=recoverable)
    told = run(key, "api.*.read_key", "api.*.decrypt_key", decrypt=True)
    assert told.plaintext == text


@pytest.mark.parametrize(
    ("held", "asked", "kind"),
    [
        ("api.api_2.read_key", {}, Kind.FORBIDDEN),
        ("api.*.read_key", {"decrypt": True}, Kind.FORBIDDEN),
        ("api.*.read_key", {"workspace": "ws_2"}, Kind.NOT_FOUND),
    ],
)
def test_others_are_told_nothing(held: str, asked: dict[str, Any], kind: Kind) -> None:
    """Another workspace's key is not there."""
    with pytest.raises(Fault) as refused:
        run(KEY, held, **asked)
    assert refused.value.kind is kind
