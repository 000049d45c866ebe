"""Hostile texts in every place of every request change nothing of anybody else's."""

import json
from typing import Any

import pytest

from pkg import uid
from services.api.integration.clients.hostile import TEXTS, with_each
from services.api.integration.clients.raw import ASKED, HEADERS, Caller
from services.api.store.roles import insert_role
from services.api.store.tables import METADATA
from services.api.testutil.analytics import AnalyticsHarness
from services.api.testutil.examples import example
from services.api.wire import apis, keys, permissions, ratelimit, verification
from services.api.wire.route import Route

Row = tuple[str, ...]
h = AnalyticsHarness.fixture()
LATER = 4_000_000_000_000  # milliseconds since 1970


@pytest.fixture
def bystander(h: AnalyticsHarness) -> Any:
    """A key of another workspace, with all that a key can have."""
    sdk = h.sdk()
    api_id = sdk.apis.create_api(name="payments").data.api_id
    limit: Any = {"name": "requests", "limit": 9, "duration": 60_000}
    sdk.ratelimit.limit(namespace="sms", identifier="user_1", limit=9, duration=60_000)
    sdk.ratelimit.set_override(namespace="sms", identifier="*", limit=9, duration=60_000)
    return sdk.keys.create_key(
        api_id=api_id,
        name="a key",
        external_id="user_1",
        meta={"plan": "free"},
        permissions=["a.read"],
        credits={"remaining": 1000},
        ratelimits=[limit],
        recoverable=True,
    ).data


def rows(h: AnalyticsHarness) -> dict[str, set[Row]]:
    """All that is stored, by table."""
    with h.db.read() as connection:
        return {
            table.name: {tuple(map(str, row)) for row in connection.execute(table.select())}
            for table in METADATA.sorted_tables
        }


def test_they_are_refused_or_are_text(h: AnalyticsHarness, bystander: Any) -> None:
    """No server error; what was there is there as it was, and nothing was added to it."""
    before = rows(h)
    workspace_id = h.create_workspace().id
    caller = Caller(h.served.http, h.create_root_key(workspace_id))
    own = things(h, caller, workspace_id)
    for route in ASKED:
        body = known(example(route.request, whole=True), own)
        for text in TEXTS:
            for changed in with_each(body, str, text):
                _check(caller, route, changed)
    _check_bystanders(before, rows(h), workspace_id)
    assert not h.logs.of("fault")


def _check(caller: Caller, route: Route, body: Any) -> None:
    answer = caller.send(route, json.dumps(body).encode())
    assert answer.status_code < 500, (route.name, body)
    assert set(answer.headers) <= HEADERS


def _check_bystanders(
    before: dict[str, set[Row]], after: dict[str, set[Row]], workspace_id: str
) -> None:
    for name, found in before.items():
        assert found <= after[name], name
    for table in METADATA.sorted_tables:
        if "workspace_id" in table.c:
            at = list(table.c).index(table.c.workspace_id)
            added = after[table.name] - before[table.name]
            assert {row[at] for row in added} <= {workspace_id}, table.name


def things(h: AnalyticsHarness, caller: Caller, workspace_id: str) -> dict[str, Any]:
    """What there is for the caller, by the fields that name it."""
    h.db.transaction(
        lambda connection: insert_role(
            connection, workspace_id, uid.new("role", h.clock), "reader", h.clock.now()
        )
    )
    api_id = caller.ask(apis.CREATE_API, name="payments")["apiId"]
    key = caller.ask(keys.CREATE_KEY, apiId=api_id)
    caller.ask(permissions.CREATE_PERMISSION, name="may read", slug="a.read")
    asked = {"namespace": "sms", "identifier": "user_1", "limit": 9, "duration": 60_000}
    caller.ask(ratelimit.LIMIT, **asked)
    caller.ask(ratelimit.SET_OVERRIDE, **asked)
    return {
        "apiId": api_id,
        "keyId": key["keyId"],
        "key": key["key"],
        "keyspaces": [caller.ask(verification.VERIFY_KEY, key=key["key"])["keyspaceId"]],
        "expires": LATER,
        "permission": "a.read",
        "roles": ["reader"],
        "namespace": "sms",
        "identifier": "user_1",
    }


def known(body: Any, own: dict[str, Any]) -> Any:
    """A request for what there is: what is hostile in it comes as far as it can."""
    if isinstance(body, list):
        return [known(each, own) for each in body]
    return {name: own.get(name, value) for name, value in body.items()}
