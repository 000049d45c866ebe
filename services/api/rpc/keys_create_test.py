"""A key is stored as it was asked for, by its digest; its text is told once."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from pkg.fault import Fault, Kind
from services.api.domain import secret
from services.api.domain.credits import Credits
from services.api.domain.faults import InvalidRequest
from services.api.domain.stored import Known
from services.api.domain.times import milliseconds
from services.api.ports import MissingPermissions, MissingRoles, NewKey
from services.api.rpc import keys_create
from services.api.testutil.ports import API, CLOCK, of_workspace, port
from services.api.testutil.serving import call
from services.api.wire.keys import CreatedKey, CreateKeyRequest

CREATE = "api.api_12345.create_key"


def run(
    *held: str, workspace: str = "ws_1", add: Any = None, **asked: Any
) -> tuple[CreatedKey, NewKey, Any]:
    """The answer, and what was stored."""
    added: list[Any] = []

    def known(workspace_id: str, api_id: str, **named: Any) -> Known | None:
        api = of_workspace(API)(workspace_id, api_id)
        if api is None:
            return None
        return Known(api=api, permissions=named["permissions"], roles=named["roles"])

    keys = port(known=known, add=add or (lambda *given: added.append(given)))
    vault = port(encrypt=lambda keyring, text: f"{keyring}: ".encode() + text)
    operation = keys_create.operation(keys, vault, CLOCK)
    request = msgspec.convert({"apiId": API.id, **asked}, CreateKeyRequest)
    answer = operation.run(call(*held, workspace_id=workspace), request)
    [(new, named, row)] = added
    assert (named.permissions, named.roles) == (new.permissions, new.roles)
    return answer, new, row


def test_the_least_that_can_be_asked_for() -> None:
    """Enabled, for ever, without limits; an audit row without the text."""
    answer, new, row = run(CREATE)
    key = new.key
    assert (key.id, key.api_id, key.keyspace_id) == (answer.key_id, API.id, "ks_1")
    assert new.digest == secret.digest(answer.key)
    assert answer.key.startswith(key.start)
    assert (key.enabled, key.expires_at, key.credits, key.ratelimits) == (True, None, None, ())
    assert (new.ciphertext, new.meta, key.identity) == (None, None, None)
    assert (row.event, row.target_id) == ("key.create", key.id)
    assert answer.key not in repr((new, row))


def test_all_that_can_be_asked_for() -> None:
    """Each of it is stored."""
    expires = milliseconds(CLOCK.now() + timedelta(days=1))
    answer, new, _ = run(
        CREATE,
        prefix="prod",
        name="a key",
        byteLength=32,
        externalId="user_1",
        meta={"plan": "free"},
        roles=["reader"],
        permissions=["a.read", "a.read"],
        expires=expires,
        credits={"remaining": 5},
        ratelimits=[{"name": "requests", "limit": 3, "duration": 1000, "autoApply": True}],
        enabled=False,
    )
    key = new.key
    assert answer.key.startswith("prod_")
    assert len(answer.key) > len("prod_") + 40
    assert (key.name, key.enabled, key.meta) == ("a key", False, {"plan": "free"})
    assert key.expires_at is not None
    assert milliseconds(key.expires_at) == expires
    assert key.identity is not None
    assert key.identity.external_id == "user_1"
    assert key.credits == Credits(5, None, CLOCK.now())
    [limit] = key.ratelimits
    assert (limit.name, limit.limit, limit.duration, limit.auto_apply) == (
        "requests",
        3,
        timedelta(seconds=1),
        True,
    )
    assert new.permissions == {"a.read"}
    assert new.roles == {"reader"}
    assert new.meta == b'{"plan":"free"}'


def test_a_recoverable_key_is_encrypted_for_its_workspace() -> None:
    """By who may; otherwise nothing is stored."""
    answer, new, _ = run(CREATE, "api.*.encrypt_key", recoverable=True)
    assert new.ciphertext == f"ws_1: {answer.key}".encode()
    assert new.key.recoverable
    with pytest.raises(Fault, match="insufficient_permissions"):
        run(CREATE, recoverable=True)


def test_permissions_are_made_by_who_may_make_them() -> None:
    """Others may give those that there are."""
    assert not run(CREATE, permissions=["a"])[1].make_permissions
    assert run(CREATE, "rbac.*.create_permission", permissions=["a"])[1].make_permissions


@pytest.mark.parametrize(
    ("error", "kind"),
    [(MissingPermissions(["a"]), Kind.FORBIDDEN), (MissingRoles(["a"]), Kind.NOT_FOUND)],
)
def test_what_is_not_there_is_told(error: Exception, kind: Kind) -> None:
    """A permission that must not be made, a role."""

    def add(*_: object) -> None:
        raise error

    with pytest.raises(Fault) as refused:
        run(CREATE, add=add)
    assert refused.value.kind is kind


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ({"credits": {"remaining": None, "refill": {"interval": "daily", "amount": 1}}}, "credits"),
        (
            {"ratelimits": [{"name": "abc", "limit": 1, "duration": 1000}] * 2},
            "ratelimits[1].name",
        ),
        ({"meta": {"a": "b" * (64 << 10)}}, "meta"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, Any], at: str) -> None:
    """Where it stands."""
    with pytest.raises(InvalidRequest) as refused:
        run(CREATE, **asked)
    assert refused.value.fields[0].location.startswith(f"body.{at}")


@pytest.mark.parametrize(
    ("held", "workspace", "kind"),
    [
        ("api.*.read_key", "ws_1", Kind.FORBIDDEN),
        ("api.api_54321.create_key", "ws_1", Kind.FORBIDDEN),
        (CREATE, "ws_2", Kind.NOT_FOUND),
    ],
)
def test_others_make_none(held: str, workspace: str, kind: Kind) -> None:
    """Another workspace's API is not there."""
    with pytest.raises(Fault) as refused:
        run(held, workspace=workspace)
    assert refused.value.kind is kind
