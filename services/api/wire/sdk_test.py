"""Our routes and the SDK's are the same: each way, told by the SDK's own code."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
from unkey.py import Unkey, errors

from services.api.testutil import examples, sdk, shapes
from services.api.wire import LIVENESS, ROUTES, Route
from services.api.wire.errors import InvalidField, content_type, encoded, problem
from services.api.wire.route import COMMON

CALLS = sdk.calls()
# The SDK has no method for liveness.
routes = pytest.mark.parametrize(
    "route", [route for route in ROUTES if route is not LIVENESS], ids=lambda route: route.name
)
# The fields that each request may have as null.
NULLABLE = {
    route: [name for name, shape in fields.items() if "null" in shape]
    for route in ROUTES
    if isinstance(fields := route.request and shapes.of_struct(route.request), dict)
    and any("null" in shape for shape in fields.values())
}
# What the SDK knows of these groups and we don't have: nothing else may be missing.
LEFT_OUT = {
    "analytics.getGatewayRequests",
    "analytics.getRatelimits",
    "analytics.getRuntimeLogs",
    "keys.addRoles",
    "keys.migrateKeys",
    "keys.removeRoles",
    "keys.setRoles",
    "permissions.createRole",
    "permissions.deleteRole",
    "permissions.getRole",
    "permissions.listRoles",
    "permissions.setRolePermissions",
    "permissions.updatePermission",
    "permissions.updateRole",
}


def client(answer: Callable[[httpx.Request], httpx.Response]) -> Unkey:
    """The SDK, on a network that has only this answer."""
    return Unkey(
        root_key="root",
        server_url="http://api.test",
        client=httpx.Client(transport=httpx.MockTransport(answer)),
        retry_config=None,
    )


def exchange(route: Route, body: Any, answer: Any) -> tuple[bytes, Any]:
    """What the SDK sends for a body, and what it makes of the answer."""
    sent: list[httpx.Request] = []

    def answering(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(
            200,
            content=msgspec.json.encode(msgspec.convert(answer, route.answer)),
            headers={"content-type": "application/json"},
        )

    result = CALLS[route.name].on(client(answering), body)
    [request] = sent
    assert request.url == f"http://api.test{route.path}"
    assert request.headers["authorization"] == "Bearer root"
    return request.content, result


def test_no_route_is_missing() -> None:
    """Each of the SDK's is one of ours, or left out on purpose."""
    known = {*CALLS, *sdk.others()}
    assert {route.name for route in ROUTES} - {"liveness"} == known - LEFT_OUT
    assert known >= LEFT_OUT


@routes
def test_requests_have_the_same_fields(route: Route) -> None:
    """With the same types, and absent or null where the SDK lets them be."""
    shape = shapes.of_model(CALLS[route.name].request)
    assert shapes.of_struct(route.request) == ([shape] if CALLS[route.name].is_list else shape)


@routes
def test_answers_have_the_same_fields(route: Route) -> None:
    """With the same types; what the SDK needs is always there."""
    assert shapes.of_struct(route.answer) == shapes.of_model(CALLS[route.name].answer)


@routes
@pytest.mark.parametrize("whole", [False, True], ids=["least", "whole"])
def test_what_the_sdk_sends_is_read(route: Route, whole: bool) -> None:
    """And means what was given: defaults agree."""
    body = examples.example(route.request, whole=whole)
    sent, _ = exchange(route, body, examples.example(route.answer, whole=False))
    meant = json.dumps(body).encode()
    assert examples.decoded(route.request, sent) == examples.decoded(route.request, meant)


@pytest.mark.parametrize("route", NULLABLE, ids=lambda route: route.name)
def test_null_is_not_absent(route: Route) -> None:
    """A null that the SDK sends is a null to us; what it was not given, it does not send."""
    nulls = dict.fromkeys(NULLABLE[route])
    body = examples.example(route.request, whole=False)
    answer = examples.example(route.answer, whole=False)
    sent, _ = exchange(route, body | nulls, answer)
    assert examples.values(examples.decoded(route.request, sent), nulls) == nulls
    sent, _ = exchange(route, body, answer)
    assert set(json.loads(sent)) & set(nulls) == set(body) & set(nulls)


@routes
@pytest.mark.parametrize("whole", [False, True], ids=["least", "whole"])
def test_what_we_answer_is_read(route: Route, whole: bool) -> None:
    """By the SDK, to the last field."""
    answer = examples.example(route.answer, whole=whole)
    _, result = exchange(route, examples.example(route.request, whole=False), answer)
    assert result.model_dump(mode="json", by_alias=True) == answer


@routes
def test_the_sdk_knows_our_errors(route: Route) -> None:
    """Each status is one that it has an exception for, which tells what we tell."""
    call = CALLS[route.name]
    assert {200, *COMMON, *route.errors} == call.statuses
    for status in COMMON + route.errors:
        wrong = [InvalidField(location="body.a", message="b", fix="c")] if status == 400 else []
        told = problem(status, "some_code", "a sentence", wrong)

        def refusing(_: httpx.Request, status: int = status, told: Any = told) -> httpx.Response:
            headers = {"content-type": content_type(status).decode()}
            return httpx.Response(status, content=encoded(told, "req_1"), headers=headers)

        with pytest.raises(errors.UnkeyError) as raised:
            call.on(client(refusing), examples.example(route.request, whole=False))
        assert not isinstance(raised.value, errors.APIError)
        assert raised.value.status_code == status
        data = raised.value.data  # type: ignore[attr-defined]
        assert data.meta.request_id == "req_1"
        assert data.error.model_dump(exclude_unset=True) == msgspec.to_builtins(told)


def test_a_bad_request_always_has_a_list_of_errors() -> None:
    """The SDK does not read one without."""
    body = json.loads(encoded(problem(400, "some_code", "a sentence"), "req_1"))
    assert body["error"]["errors"] == []
