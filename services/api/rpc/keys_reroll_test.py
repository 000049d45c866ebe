"""A key gets a successor with all that it has, and ends after its grace."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pkg.fault import Fault, Kind
from services.api.domain import examples, secret
from services.api.domain.credits import Credits, Refill
from services.api.domain.key import Key
from services.api.ports import Changed, KeyUpdate, NewKey
from services.api.rpc import keys_reroll
from services.api.testutil.ports import CLOCK, of_workspace, port
from services.api.testutil.serving import call
from services.api.wire.keys import CreatedKey, RerollKeyRequest

KEY = examples.key(
    name="a key",
    meta={"plan": "free"},
    own_permissions=frozenset({"a.read"}),
    permissions=frozenset({"a.read", "b"}),
    roles=("reader",),
    credits=Credits(0, Refill(9), examples.NOW - timedelta(days=2)),
    ratelimits=(examples.limit(),),
)


def run(
    key: Key, expiration: int | None, *held: str, workspace: str = "ws_1"
) -> tuple[CreatedKey, KeyUpdate, NewKey, list[bytes]]:
    """The answer, what was stored, and what was forgotten."""
    stored: list[tuple[KeyUpdate, NewKey]] = []
    forgotten: list[bytes] = []

    def replacing(_: str, __: str, work: Any, row: Any) -> Changed:
        stored.append(work(key))
        assert (row.event, row.target_id) == ("key.reroll", key.id)
        assert row.details == {"successor_id": stored[0][1].key.id}
        return Changed(key, b"digest")

    keys = port(find=of_workspace(key), replace=replacing)
    vault = port(encrypt=lambda keyring, text: f"{keyring}: ".encode() + text)
    operation = keys_reroll.operation(keys, vault, forgotten.append, CLOCK)
    answer = operation.run(
        call(*held, workspace_id=workspace),
        RerollKeyRequest(key_id=key.id, expiration=expiration),
    )
    [(update, new)] = stored
    return answer, update, new, forgotten


def test_the_successor_has_all_that_the_old_one_has() -> None:
    """Under another text with the same prefix; a refill that was due is in its credits."""
    answer, _, new, _ = run(KEY, 0, "api.api_1.create_key")
    assert (new.key.id, new.digest) == (answer.key_id, secret.digest(answer.key))
    assert answer.key.startswith("prod_")
    assert (new.key.name, new.meta) == ("a key", b'{"plan":"free"}')
    assert new.permissions == frozenset({"a.read"})
    assert new.roles == frozenset({"reader"})
    assert new.key.credits is not None
    assert new.key.credits.remaining == 9
    [limit] = new.key.ratelimits
    assert (limit.name, limit.limit) == ("requests", 10)
    assert limit.id != "rl_requests"
    assert new.ciphertext is None


@pytest.mark.parametrize(
    ("expiration", "ends"),
    [(0, timedelta()), (3_600_000, timedelta(hours=1)), (None, None)],
)
def test_the_old_one_ends_after_its_grace(expiration: int | None, ends: timedelta | None) -> None:
    """At once, later, or not; caches are told."""
    _, update, _, forgotten = run(KEY, expiration)
    assert update.key.expires_at == (None if ends is None else CLOCK.now() + ends)
    assert update.key.credits == KEY.credits
    assert forgotten == [b"digest"]


def test_a_recoverable_keys_successor_is_recoverable() -> None:
    """By who may encrypt."""
    key = replace(KEY, recoverable=True)
    answer, _, new, _ = run(key, 0, "api.*.create_key", "api.*.encrypt_key")
    assert new.ciphertext == f"ws_1: {answer.key}".encode()
    with pytest.raises(Fault, match="insufficient_permissions"):
        run(key, 0, "api.*.create_key")


@pytest.mark.parametrize(
    ("held", "workspace", "kind"),
    [
        ("api.*.update_key", "ws_1", Kind.FORBIDDEN),
        ("api.*.create_key", "ws_2", Kind.NOT_FOUND),
    ],
)
def test_others_change_nothing(held: str, workspace: str, kind: Kind) -> None:
    """Another workspace's key is not there."""
    with pytest.raises(Fault) as refused:
        run(KEY, 0, held, workspace=workspace)
    assert refused.value.kind is kind
