"""Clients that send or read slowly, or are too many, are cut off; the others are served meanwhile.

How the frame does it is tested in pkg/serving; here is shown that the service has it.
"""

import json
from typing import Any

import pytest

from pkg.serving import Limits
from pkg.serving.testing import open_connections
from pkg.testutil import eventually
from services.api.integration.clients.slow import Slow, idle, slow_body, slow_head, unread
from services.api.testutil.harness import ApiHarness
from services.api.wire.apis import LIST_KEYS

# A page of an API's keys is more than the kernel takes for a client that does not read.
KEYS = 100
PROPERTIES = {"a": "x" * (60 << 10)}
EACH = 6


class Impatient(ApiHarness):
    """An instance that waits for nobody for long."""

    limits = Limits(deadline=4, header_timeout=1, max_connections=64, stop_delay=0)


h = Impatient.fixture()


@pytest.fixture
def root_key(h: Impatient) -> str:
    """Of a workspace."""
    return h.create_root_key(h.create_workspace().id)


@pytest.fixture
def sdk(h: Impatient, root_key: str) -> Any:
    """The client of those who mean well."""
    return h.sdk(root_key)


@pytest.fixture
def api_id(sdk: Any) -> str:
    """An API's."""
    made: str = sdk.apis.create_api(name="payments").data.api_id
    return made


def still_there(h: Impatient, slow: list[Slow]) -> int:
    """How many the instance has not cut off."""
    return len({each.port for each in slow} & open_connections(h.served))


def serves_until_cut_off(h: Impatient, sdk: Any, key: str, slow: list[Slow]) -> None:
    """Every verification is answered, until all who are slow are cut off, which is soon."""

    def are_cut_off() -> bool:
        for each in slow:
            each.drip()
        assert sdk.keys.verify_key(key=key).data.valid
        return not still_there(h, slow)

    eventually(are_cut_off, within=60)


def test_who_sends_slowly_is_cut_off(h: Impatient, sdk: Any, api_id: str, root_key: str) -> None:
    """Headers or a body, byte by byte; or nothing at all."""
    key = sdk.keys.create_key(api_id=api_id).data.key
    slow = [
        h.closing(client)
        for _ in range(EACH)
        for client in (slow_head(h.served), slow_body(h.served, root_key), idle(h.served))
    ]
    serves_until_cut_off(h, sdk, key, slow)
    assert not h.logs.of("fault")


def test_who_reads_nothing_is_cut_off(h: Impatient, sdk: Any, api_id: str, root_key: str) -> None:
    """However much was asked for."""
    for _ in range(KEYS):
        key = sdk.keys.create_key(api_id=api_id, meta=PROPERTIES).data.key
    body = json.dumps({"apiId": api_id, "limit": KEYS}).encode()
    slow = [h.closing(unread(h.served, root_key, LIST_KEYS.path, body)) for _ in range(EACH)]
    serves_until_cut_off(h, sdk, key, slow)


def test_who_comes_when_there_are_too_many_is_refused(h: Impatient, sdk: Any, api_id: str) -> None:
    """Those who are there are served on; when others have left there is room."""
    key = sdk.keys.create_key(api_id=api_id).data.key
    slow = [h.closing(idle(h.served)) for _ in range(2 * h.limits.max_connections)]
    eventually(lambda: still_there(h, slow) <= h.limits.max_connections)
    serves_until_cut_off(h, sdk, key, slow)
    assert h.sdk().apis.create_api(name="payments").data.api_id
    assert h.logs.of("connection refused")
