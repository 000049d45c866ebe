"""What the harness makes is there for the routes, and no test has to clean up after another."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.api.domain.credits import Credits
from services.api.domain.key import Ratelimit
from services.api.store.keys_writing import update_key
from services.api.testutil.harness import ApiHarness
from services.api.testutil.store import write
from services.api.wire.apis import CREATE_API, LIST_KEYS, CreateApiRequest, ListKeysRequest
from services.api.wire.keys import GET_KEY, GetKeyRequest
from services.api.wire.permissions import (
    CREATE_PERMISSION,
    LIST_PERMISSIONS,
    CreatePermissionRequest,
    ListPermissionsRequest,
)
from services.api.wire.ratelimit import LIMIT, LimitRequest
from services.api.wire.verification import VERIFY_KEY, VerifyKeyRequest

one_for_all = ApiHarness.fixture("module")


def test_a_key_has_what_it_was_given(h: ApiHarness) -> None:
    """As the routes tell it; no audit row tells of it."""
    ws = h.create_workspace()
    role = h.create_role(ws.id, permissions=["b.read"])
    limit = Ratelimit(h.new_id("rl"), "requests", 3, timedelta(minutes=1), True)
    key = h.create_key(
        h.create_api(ws.id),
        prefix="prod",
        external_id="user_1",
        permissions=["a.read"],
        roles=[role.name],
        recoverable=True,
        name="a key",
        credits=Credits(5, None, h.clock.now()),
        ratelimits=(limit,),
    )
    root_key = h.create_root_key(ws.id, "api.*.read_key", "api.*.decrypt_key", "api.*.verify_key")
    told = h.call(GET_KEY, GetKeyRequest(key_id=key.id, decrypt=True), root_key).ok.data
    assert (told.name, told.plaintext, told.roles) == ("a key", key.text, [role.name])
    assert told.permissions == ["a.read", "b.read"]
    shown = VerifyKeyRequest(key=key.text, permissions="a.read and b.read")
    verified = h.call(VERIFY_KEY, shown, root_key).ok.data
    assert (verified.valid, verified.credits) == (True, 4)
    assert verified.identity is not None
    assert verified.identity.external_id == "user_1"
    assert [event.key_id for event in h.events] == [key.id]
    assert h.changes(ws.id) == []


def test_things_differ_unless_a_test_names_them(h: ApiHarness) -> None:
    """So that it can make as many as it likes."""
    ws = h.create_workspace()
    makers: list[Callable[[str], Any]] = [
        h.create_api,
        h.create_identity,
        h.create_namespace,
        h.create_permission,
        h.create_role,
    ]
    for make in makers:
        assert len({make(ws.id).id for _ in range(3)}) == 3
    namespace = h.create_namespace(ws.id)
    assert len({h.create_override(namespace).pattern for _ in range(3)}) == 3
    assert len({h.create_key(h.create_api(ws.id)).text for _ in range(3)}) == 3
    assert len({h.create_root_key(ws.id) for _ in range(3)}) == 3


def test_an_answer_that_is_not_what_a_test_asks_for_tells_all(h: ApiHarness) -> None:
    """A refusal where it asks for the success, and a success where it asks for the error."""
    key = h.create_root_key(h.create_workspace().id)
    refused = h.call(CREATE_API, CreateApiRequest(name="ab"), key)
    with pytest.raises(AssertionError, match=r"apis\.createApi: 400, .*body\.name"):
        refused.ok  # noqa: B018
    done = h.call(CREATE_API, CreateApiRequest(name="payments"), key)
    with pytest.raises(AssertionError, match=r"apis\.createApi: .*apiId"):
        done.error  # noqa: B018


def test_caches_forget_what_a_test_has_changed_past_the_routes(h: ApiHarness) -> None:
    """Until then they have it as it was."""
    ws = h.create_workspace()
    root_key = h.create_root_key(ws.id)
    key = h.create_key(h.create_api(ws.id))
    shown = VerifyKeyRequest(key=key.text)
    assert h.call(VERIFY_KEY, shown, root_key).ok.data.valid
    write(h.db, update_key, replace(key.key, enabled=False))
    assert h.call(VERIFY_KEY, shown, root_key).ok.data.valid
    h.forget(key.text)
    assert h.call(VERIFY_KEY, shown, root_key).ok.data.code == "DISABLED"


@pytest.mark.parametrize("time", range(3))
def test_every_test_begins_with_nothing(one_for_all: ApiHarness, time: int) -> None:
    """On an instance that others use, by a workspace alone: nothing is emptied or taken away.

    It does the same each time, with the same names, and counts up to the same limits.
    """
    h = one_for_all
    ws = h.create_workspace()
    key = h.create_root_key(ws.id)
    api_id = h.call(CREATE_API, CreateApiRequest(name="payments"), key).ok.data.api_id
    assert h.call(LIST_KEYS, ListKeysRequest(api_id=api_id), key).ok.data == []
    assert h.call(LIST_PERMISSIONS, ListPermissionsRequest(), key).ok.data == []
    made = CreatePermissionRequest(name="may read", slug="a.read")
    assert h.call(CREATE_PERMISSION, made, key).status == 200
    once = LimitRequest(namespace="sms", identifier="user_1", limit=1, duration=60_000)
    assert [h.call(LIMIT, once, key).ok.data.success for _ in range(2)] == [True, False]
    events = {"api.create", "namespace.create", "permission.create"}
    assert {row.event for row in h.changes(ws.id)} == events
    assert len(h.changes(ws.id)) == len(events)
